"""Events of OpenADR 3 become grid limits and prices of an instance. Changed by what events say and how they say it."""
