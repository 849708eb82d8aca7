Stopped on time - objective value 5.00000000
**    0 r0                     9                       0
      0 power_0              1.5                       2
**    2 serves_0               1                       0
      3 constant               1                       3
