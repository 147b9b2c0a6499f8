% Three buses, a large reactor on one of them
function mpc = case_three_bus_shunt
mpc.version = '2';
mpc.baseMVA = 100;

% bus type p_mw q_mvar g_mw b_mvar area vm va base_kv zone vm_max vm_min
mpc.bus = [
  1  3    0   0  0    0  1  1  0  240  1  1.1  0.9;
  2  2  100  50  1  -30  1  1  0  240  1  1.1  0.9;
  3  2  100  50  0  -30  1  1  0  240  1  1.1  0.9;
];

% bus p q q_max q_min vm mva_base on p_max p_min
mpc.gen = [
  1  0  0  1000  -1000  1  100  1  100  0;
  3  0  0  1000  -1000  1  100  1   50  0;
];

% from to r x b rate_a rate_b rate_c tap shift on angle_min angle_max
mpc.branch = [
  1  3  0.065  0.62  0  30  0  0  0  0  1  -30  30;
  3  2  0.025  0.75  0  30  0  0  0  0  0  -30  30;
  1  2  0.042   0.9  0  60  0  0  0  0  1  -30  30;
];
