function mpc = case3
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
1 3 50 10 0 0 1 1 0 110 1 1.1 0.9;
2 1 60 10 0 0 1 1 0 110
