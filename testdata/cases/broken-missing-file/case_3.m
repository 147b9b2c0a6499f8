function mpc = c
