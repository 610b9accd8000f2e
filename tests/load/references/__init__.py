"""What the product is compared with: bare servers of the same stack, and peers that do the same job."""
