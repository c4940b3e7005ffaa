"""Issue and life of QR stamps: requests, batches, the interval map of each batch, holds."""
