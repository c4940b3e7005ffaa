"""How scan hears of what happened: the queue, the feeds, and receipts for notices."""
