"""The only code of scan that speaks to MongoDB: read models, and counts of scans."""
