solution status: optimal solution found
objective value:                                    5
power_0                                           1.5 	(obj:2)
serves_0                                            1 	(obj:0)
constant                                            1 	(obj:3)
