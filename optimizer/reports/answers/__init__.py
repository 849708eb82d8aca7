"""What a study answers, drawn: the best tariff by station, curves over packs and the like. Changed by what is asked."""
