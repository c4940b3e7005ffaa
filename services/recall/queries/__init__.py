"""What pages and APIs show: reads that decide nothing and change nothing."""
