"""The outline network: where the garment is in its picture, shadows and things beside it left out."""

from vton.networks.lining import LiningNet


class OutlineNet(LiningNet):
    """A garment's whole picture → where the garment is: the U-Net of the lining network, with other inputs.

    It takes (N, 6, H, W) from `preprocess.outline_frame.network_picture`, trained at 256×192, and returns logits
    (N, H, W).

    Args:
        widths: channels of the levels, from half resolution to 1/32.
    """

    def __init__(self, widths: tuple[int, ...] = (16, 28, 48, 72, 96)):
        super().__init__(widths, inputs=6)
