"""The embedded AWS: moto's APIs, with a CloudFormation of our own in front of them."""
