function mpc = tiny
% every feature of the reader, once
%{
a block
%}
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [ % id type Pd
	1	3	0	0	0	0	1	1	0	110	1	1.1	0.9;
	2, 1, 50, 10, 0, 0, 1, 1, ...
	0, 190.5/sqrt(3), 1, 1.1, .9
	3	1	2e1	5 - 1	1	-2	1	0.98	-3	10	1	1.1	0.9; # octave
];
mpc.gen = [1 60 0 30 -30 1.02 100 1 1/0 -Inf 0 0 0 0 0 0 0 0 0 0 0];
mpc.branch = [
	1	2	0.01	0.1	0.02	80	0	0	0	0	1	-360	360;
	1	2	0.01	0.1	0.02	0	0	0	0	0	0	-360	360;
	2	3	0.01	0.2	0	40	0	0	1.05	30	1	-360	360;
];
mpc.dcline = [1 3 1 10 8.9 0 0 1 1 -20 30 0 0 0 0 1 0.01];
mpc.gencost = [2 0 0 3 0 1 0];
mpc.bus_name = {'North ''A'''; "South"; [1 2]; x};
mpc.genfuel = {'wind'};
[PQ, PV, ~, NONE, BUS_I, BUS_TYPE, PD, QD] = idx_bus;
[F, T, R, X] = idx_brch;
Vbase = mpc.bus(1, BASE_KV) * 1e3;
mpc.branch(:, [R X]) = mpc.branch(:, [R X]) / (Vbase^2 / 1e8)';
if mpc.baseMVA > 50 && ~0
  k = find(mpc.bus(:, PD) > 30 | isinf(mpc.bus(:, QD)));
  mpc.bus(k, PD) = mpc.bus(k, PD) .* 2;
elseif 1
  y = [mpc.bus(:, 1)'; zeros(2, 3)];
else
  z = 1:2:9;
end
mpc.branch(end, :) = [];
mpc.gen(1, PMAX) = max(sum(mpc.bus(:, PD)), 1);
for k = 1:3, y = k; end
printf('hello');
end
function x = f(y)
