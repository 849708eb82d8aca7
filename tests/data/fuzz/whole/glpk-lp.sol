s bas 1 4 f f 5
i 1 b 9 0
j 1 b 1.5 0
j 2 l 0 2
j 3 u 1 0
j 4 f 1 3
e o f
