"""What a test session records: its attempts, their failures and the session's environment."""
