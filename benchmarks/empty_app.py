"""The empty CDK app: one stack, no resource. What every CDK app in Python costs at least."""

from aws_cdk import App, Stack

if __name__ == "__main__":
    app = App()
    Stack(app, "Empty")
    app.synth()
