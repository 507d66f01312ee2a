"""What AWS does by itself while a release runs: deployments, hooks, alarms, workflows."""
