"""Days played through a plan and a rule, slot by slot, many days at once: arithmetic in numpy, no optimisation."""
