"""Two organizations on one installation: nothing of the one reaches the other, by whatever door, and each layer that
keeps them apart holds by itself."""
