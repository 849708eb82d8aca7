"""What a night carries over: the hours that are carried out, the packs at their end, the month so far."""
