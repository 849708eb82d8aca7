c Problem: night
s mip 1 4 o 5
i 1 9
j 1 1.5
j 2 0
j 3 1
j 4 1
e o f
