"""What a study answers beyond its ranking: why one tariff is cheaper, which is best where. Changed by what is asked."""
