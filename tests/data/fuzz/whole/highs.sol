Model status
Optimal

# Primal solution values
Feasible
Objective 5
Objective_bound 5
# Columns 4
power_0 1.5
power_1 0
serves_0 1
constant 1
# Rows 1
r0 9
power_0 77

# Dual solution values
Feasible
# Columns 4
power_0 8
