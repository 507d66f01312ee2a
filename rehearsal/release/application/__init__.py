"""The application that is released: small, real, in as many versions as releases go wrong."""
