"""What is published beside records: news, recordings, answers to inquiries."""
