% Five buses, all units out, two storages
function mpc = case_five_bus_storage_only
mpc.version = '2';
mpc.baseMVA = 100;

% bus type p_mw q_mvar g_mw b_mvar area vm va base_kv zone vm_max vm_min
mpc.bus = [
  1  2    0       0  0  0  1        1   2.80377  230  1  1.1  0.9;
  2  1  300   98.61  0  0  1  1.08407  -0.73465  230  1  1.1  0.9;
  3  2  300   98.61  0  0  1        1  -0.55972  230  1  1.1  0.9;
  4  3  400  131.47  0  0  1        1         0  230  1  1.1  0.9;
  5  2    0       0  0  0  1        1   3.59033  230  1  1.1  0.9;
];

% bus p q q_max q_min vm mva_base on p_max p_min
mpc.gen = [
  1  0  0     30     -30  1.07762  100  0   20  0;
  1  0  0  127.5  -127.5  1.07762  100  0   70  0;
  3  0  0    390    -390      1.1  100  0  200  0;
  4  0  0    150    -150  1.06414  100  0  100  0;
  5  0  0    450    -450  1.06907  100  0  200  0;
];

% from to r x b rate_a rate_b rate_c tap shift on angle_min angle_max
mpc.branch = [
  1  2  0.00281  0.0281  0.00712  400  400  400     0   0  1  -30  30;
  1  4  0.00304  0.0304  0.00658  426  426  426     0   0  1  -30  30;
  1  5  0.00064  0.0064  0.03126  426  426  426     0   0  1  -30  30;
  2  3  0.00108  0.0108  0.01852  426  426  426     0   0  1  -30  30;
  3  4  0.00297  0.0297  0.00674  426  426  426  1.05   1  1  -30  30;
  3  4  0.00297  0.0297  0.00674  426  426  426  1.05  -1  1  -30  30;
  4  5  0.00297  0.0297  0.00674  240  240  240     0   0  1  -30  30;
];

% bus ps qs energy energy_max charge_max discharge_max eta_charge eta_discharge rate q_min q_max r x p_loss q_loss on
mpc.storage = [
  3  0  0  20  100  150  170  0.8  0.9  100  -50  70  0.1  0  0  0  1;
  5  0  0  30  100  150  170  0.9  0.8  100  -50  70  0.1  0  0  0  1;
];
