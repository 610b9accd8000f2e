"""The layers that keep organizations apart, each shown to hold alone, and to be missed when it is taken away."""
