"""Has ECR copy the images of an environment to the region that stands in."""
