# Solution for model night
# Objective value = 5
power_0 1.5
power_1 0
serves_0 1
constant 1
