"""The architecture picture, drawn from synthesized templates so that it cannot lie."""
