"""Stands before the provider that starts CodeDeploy's deployments, and lets through what there is something to deploy of."""
