"""Parts of a tariff that are more than a price: two-part capacity, whom it is for and until when."""
