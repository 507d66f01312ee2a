"""Refuses, before CloudFormation changes anything, a deployment made for another active region than the one that takes writes."""
