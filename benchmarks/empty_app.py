"""The empty CDK app: one stack, and in it the one resource that a stack must have. What every CDK app costs at least."""

from aws_cdk import App, CfnWaitConditionHandle, Stack

if __name__ == "__main__":
    app = App()
    # A handle makes nothing.
    CfnWaitConditionHandle(Stack(app, "Empty"), "Handle")
    app.synth()
