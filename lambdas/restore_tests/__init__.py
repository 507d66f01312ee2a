"""Looks into what AWS Backup restored, and says whether it is whole."""
