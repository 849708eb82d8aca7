"""Section 7: on/off chargers as a flow through states, exactly. Changed with its equations only."""
