"""Known wrong answers of this stage, what they are called, and how a tutor would hint."""

import copy

import numpy as np

from grader.mistakes import mistake
from stages.s13_cnn.conv.conv import Conv2D
from stages.s13_cnn.lenet.lenet import (
    Dense,
    Flatten,
    ReLU,
    backward_cnn,
    build_lenet,
    forward_cnn,
    predict,
    sgd_step,
    softmax_cross_entropy,
)
from stages.s13_cnn.pooling.pooling import AvgPool2D, MaxPool2D


# --- ReLU ---------------------------------------------------------------------------------
@mistake(
    "ReLU",
    name="looks at the gradient's sign instead of its input's",
    hints=(
        "backward decides what passes. By the sign of which array?",
        "Input 3, gradient -10: the gradient for the input must be -10; yours is 0.",
        "Where the input was above 0, the gradient passes as it is, negative or not.",
    ),
)
class MasksByTheGradient(ReLU):
    def backward(self, grad_out):
        return grad_out * (grad_out > 0)


@mistake(
    "ReLU",
    name="lets both the input and the gradient decide what passes",
    hints=(
        "backward decides what passes. How many arrays does it look at?",
        "Input 3, gradient -10: the gradient for the input must be -10; yours is 0. And for an "
        "input of -3 nothing may pass, which you do right.",
        "Where the input was above 0, the gradient passes as it is, negative or not.",
    ),
)
class GuidesTheGradient(ReLU):
    def backward(self, grad_out):
        return np.maximum(super().backward(grad_out), 0)


@mistake(
    "ReLU",
    name="lets the gradient pass where its input was exactly 0",
    hints=(
        "What does the docstring say about an input of 0 or less?",
        "Input 0, gradient 10: the gradient for the input must be 0; yours is 10.",
        "By our convention the slope at exactly 0 is 0.",
    ),
)
class LetsZeroPass(ReLU):
    def forward(self, x):
        out = super().forward(x)
        self._positive = x >= 0
        return out


@mistake(
    "ReLU",
    name="lets every gradient pass",
    hints=(
        "What has backward to know of forward, and how does it get to know?",
        "Input -3, gradient 10: the gradient for the input must be 0; yours is 10.",
        "Where the input was 0 or less, the gradient is 0.",
    ),
)
class LetsEverythingPass(ReLU):
    def backward(self, grad_out):
        return grad_out.copy()


@mistake(
    "ReLU",
    name="returns its mask of zeros and ones instead of the gradient",
    hints=(
        "Does the result of your backward change if grad_out doubles?",
        "Input 3, gradient 10: the gradient for the input must be 10; yours is 1.",
        "Where the input was above 0, the gradient passes as it is.",
    ),
)
class ReturnsItsMask(ReLU):
    def backward(self, grad_out):
        return self._positive.astype(grad_out.dtype)


@mistake(
    "ReLU",
    name="multiplies the gradient by its output instead of by 0 or 1",
    hints=(
        "What is the slope of ReLU at 3, and what is its value there?",
        "Input 3, gradient 10: the gradient for the input must be 10; yours is 30.",
        "Where the input was above 0, the gradient passes as it is.",
    ),
)
class MultipliesByItsOutput(ReLU):
    def forward(self, x):
        self._out = super().forward(x)
        return self._out

    def backward(self, grad_out):
        return grad_out * self._out


@mistake(
    "ReLU",
    name="works inside its input, and changes it",
    hints=(
        "Compare x before and after forward. Which of your lines writes into it?",
        "After forward of -2 3 the input must still be -2 3; yours has become 0 3.",
        "An argument is never modified.",
    ),
)
class ClearsItsInput(ReLU):
    def forward(self, x):
        self._positive = x > 0
        x[~self._positive] = 0
        return x.copy()


@mistake(
    "ReLU",
    name="works inside the gradient that it is given, and changes it",
    hints=(
        "Compare grad_out before and after backward. Which of your lines writes into it?",
        "Input -2, gradient 10: after backward grad_out must still hold 10; yours holds 0.",
        "An argument is never modified.",
    ),
)
class ClearsTheGradient(ReLU):
    def backward(self, grad_out):
        grad_out *= self._positive
        return grad_out.copy()


@mistake(
    "ReLU",
    name="returns the positive values alone, in a row",
    hints=(
        "Compare the shapes of input and output. What does x[x > 0] give?",
        "The input -2 3 must give 0 3; yours gives 3, a single number.",
        "The output has the shape of the input.",
    ),
)
class DropsNegatives(ReLU):
    def forward(self, x):
        self._positive = x > 0
        return x[self._positive]


@mistake(
    "ReLU",
    name="makes negative values positive instead of 0",
    hints=(
        "What is the largest of 0 and -2?",
        "The input -2 3 must give 0 3; yours gives 2 3.",
        "No output is below 0, and none is larger than its input or 0.",
    ),
)
class TakesTheMagnitude(ReLU):
    def forward(self, x):
        super().forward(x)
        return np.abs(x)


@mistake(
    "ReLU",
    name="lets a hundredth of every negative value through (that is a leaky ReLU)",
    hints=(
        "What must become of a negative value, by the docstring?",
        "The input -2 3 must give 0 3; yours gives -0.02 3.",
        "No output is below 0.",
    ),
)
class Leaks(ReLU):
    def forward(self, x):
        super().forward(x)
        return np.where(x > 0, x, 0.01 * x)

    def backward(self, grad_out):
        return np.where(self._positive, grad_out, 0.01 * grad_out)


@mistake(
    "ReLU",
    name="remembers its first input for ever",
    hints=(
        "When do you write what backward needs: at every forward, or once?",
        "forward of -2, forward of 3, backward of 10 must give 10; yours gives 0.",
        "backward belongs to the latest forward.",
    ),
)
class RemembersItsFirstInput(ReLU):
    _first = None

    def forward(self, x):
        out = super().forward(x)
        self._first = self._positive if self._first is None else self._first
        return out

    def backward(self, grad_out):
        return grad_out * self._first


@mistake(
    "ReLU",
    name="keeps its mask where all layers of this kind keep theirs",
    hints=(
        "Do you write to `self`, or to the class, or to a name outside of it?",
        "one.forward of -2, two.forward of 3, one.backward of 10 must give 0; yours gives 10.",
        "What one layer remembers does not depend on any other layer.",
    ),
)
class SharesItsMask(ReLU):
    def forward(self, x):
        SharesItsMask._positive = x > 0
        return np.maximum(x, 0)


# --- Flatten ------------------------------------------------------------------------------
@mistake(
    "Flatten",
    name="reads each image in column-major order",
    hints=(
        "Flatten a 2x2 image with the pixels 1 2 / 3 4. Which of them comes second?",
        "The image 1 2 / 3 4 must become 1 2 3 4; yours becomes 1 3 2 4.",
        "Row-major: the last axis changes fastest, then the one before it.",
    ),
)
class ReadsColumnMajor(Flatten):
    def forward(self, x):
        super().forward(x)
        return x.reshape(len(x), -1, order="F").copy()

    def backward(self, grad_out):
        return grad_out.reshape(self._input_shape, order="F").copy()


@mistake(
    "Flatten",
    name="reads column-major on the way forward, and row-major on the way back",
    hints=(
        "Send 1 2 3 4 through forward and then through backward. Is the order the same again?",
        "The image 1 2 / 3 4 must become 1 2 3 4; yours becomes 1 3 2 4, and 1 3 / 2 4 after "
        "backward.",
        "backward is the exact undo of forward, and forward is row-major.",
    ),
)
class ReadsColumnMajorGoingForward(Flatten):
    def forward(self, x):
        super().forward(x)
        return x.reshape(len(x), -1, order="F").copy()


@mistake(
    "Flatten",
    name="reads row-major on the way forward, and column-major on the way back",
    hints=(
        "Send 1 2 3 4 through forward and then through backward. Is the order the same again?",
        "For a 2x2 image the gradient 1 2 3 4 must become 1 2 / 3 4; yours becomes 1 3 / 2 4.",
        "backward is the exact undo of forward.",
    ),
)
class ReadsColumnMajorGoingBack(Flatten):
    def backward(self, grad_out):
        return grad_out.reshape(self._input_shape, order="F").copy()


@mistake(
    "Flatten",
    name="follows the memory order of its input",
    hints=(
        "Does your result depend on how x lies in memory? Flatten np.asfortranarray(x) as well.",
        "The image 1 2 / 3 4 must become 1 2 3 4, even if it lies in memory as 1 3 2 4; yours "
        "then becomes 1 3 2 4.",
        "Two arrays that are equal have equal results.",
    ),
)
class FollowsMemoryOrder(Flatten):
    def forward(self, x):
        super().forward(x)
        return x.reshape(len(x), -1, order="A").copy()


@mistake(
    "Flatten",
    name="puts the channels first: all pixels of one channel, then of the next",
    hints=(
        "Flatten an image of one row, two pixels with two channels. What comes second?",
        "The pixels 1 2 and 3 4, two channels each, must become 1 2 3 4; yours become 1 3 2 4.",
        "Row-major: the channels of a pixel stand side by side, as they do in x.",
    ),
)
class PutsChannelsFirst(Flatten):
    def forward(self, x):
        super().forward(x)
        return x.transpose(0, 3, 1, 2).reshape(len(x), -1).copy()

    def backward(self, grad_out):
        N, H, W, C = self._input_shape
        return grad_out.reshape(N, C, H, W).transpose(0, 2, 3, 1).copy()


@mistake(
    "Flatten",
    name="hands out views: a change of its result changes its argument as well",
    hints=(
        "Change a number of what forward returns. Is the image still what it was?",
        "x = np.zeros((1, 1, 2, 1)); rows = layer.forward(x); rows[0, 0] = 7. x must still be "
        "0 0; yours is 7 0.",
        "In this course a result never shares memory with an argument: reshape gives a view, "
        ".copy() an array of its own.",
    ),
)
class HandsOutViews(Flatten):
    def forward(self, x):
        super().forward(x)
        return x.reshape(len(x), -1)

    def backward(self, grad_out):
        return grad_out.reshape(self._input_shape)


@mistake(
    "Flatten",
    name="has a backward that hands out a view of the gradient",
    hints=(
        "Change a number of what backward returns. Is the gradient still what it was?",
        "rows = np.zeros((1, 2)); grad = layer.backward(rows); grad[0, 0] = 7. rows must still "
        "be 0 0; yours is 7 0.",
        "In this course a result never shares memory with an argument: reshape gives a view, "
        ".copy() an array of its own.",
    ),
)
class HandsOutAViewGoingBack(Flatten):
    def backward(self, grad_out):
        return grad_out.reshape(self._input_shape)


@mistake(
    "Flatten",
    name="flattens the batch as well",
    hints=(
        "How many rows must come out of two images?",
        "Two images of one pixel, 5 and 6, must become two rows, 5 and 6; yours become one row, "
        "5 6.",
        "N stays: one row for each image.",
    ),
)
class FlattensTheBatch(Flatten):
    def forward(self, x):
        super().forward(x)
        return x.reshape(-1).copy()


@mistake(
    "Flatten",
    name="has a backward that leaves the gradient flat",
    hints=(
        "Compare the shape of what backward returns with that of the input.",
        "For a 2x2 image the gradient 1 2 3 4 must become 1 2 / 3 4; yours stays 1 2 3 4.",
        "backward is the exact undo of forward.",
    ),
)
class StaysFlat(Flatten):
    def backward(self, grad_out):
        return grad_out.copy()


@mistake(
    "Flatten",
    name="remembers the shape of its first input for ever",
    hints=(
        "When do you write what backward needs: at every forward, or once?",
        "forward of one row of 4 pixels, then of 2x2 pixels: backward must give 2x2; yours "
        "gives one row of 4.",
        "backward belongs to the latest forward.",
    ),
)
class RemembersItsFirstShape(Flatten):
    _first = None

    def forward(self, x):
        self._first = self._first or x.shape
        return super().forward(x)

    def backward(self, grad_out):
        return grad_out.reshape(self._first).copy()


@mistake(
    "Flatten",
    name="keeps its shape where all layers of this kind keep theirs",
    hints=(
        "Do you write to `self`, or to the class, or to a name outside of it?",
        "one.forward of one row of 4 pixels, two.forward of 2x2 pixels: one.backward must give "
        "one row of 4; yours gives 2x2.",
        "What one layer remembers does not depend on any other layer.",
    ),
)
class SharesItsInputShape(Flatten):
    def forward(self, x):
        out = super().forward(x)
        SharesItsInputShape._shared = x.shape
        return out

    def backward(self, grad_out):
        return grad_out.reshape(self._shared).copy()


# --- Dense: forward and backward ----------------------------------------------------------
@mistake(
    "Dense",
    name="forgets the bias",
    hints=(
        "What comes out for an input of zeros, and what should?",
        "With W = 3 and b = 1, the input 2 must give 7; yours gives 6.",
        "An input of zeros gives b.",
    ),
)
class ForgetsTheBias(Dense):
    def forward(self, x):
        return super().forward(x) - self.b


@mistake(
    "Dense",
    name="divides the gradients of W and b by the size of the batch, as the loss does already",
    hints=(
        "Who divides by N in this course: the loss, the layer, or both?",
        "Two rows, 3 and 5, one weight, gradients of 1 each: grad_W must be 8 and grad_b 2; "
        "yours are 4 and 1.",
        "A layer sums over the batch: twice the same images, twice the gradient.",
    ),
)
class TakesTheMeanAgain(Dense):
    def backward(self, grad_out):
        grad_x = super().backward(grad_out)
        self.grad_W, self.grad_b = self.grad_W / len(grad_out), self.grad_b / len(grad_out)
        return grad_x


@mistake(
    "Dense",
    name="divides the gradient of W, though not that of b, by the size of the batch",
    hints=(
        "Who divides by N in this course: the loss, the layer, or both?",
        "Two rows, 3 and 5, one weight, gradients of 1 each: grad_W must be 8; yours is 4.",
        "A layer sums over the batch: twice the same images, twice the gradient.",
    ),
)
class TakesTheMeanForWeights(Dense):
    def backward(self, grad_out):
        grad_x = super().backward(grad_out)
        self.grad_W = self.grad_W / len(grad_out)
        return grad_x


@mistake(
    "Dense",
    name="takes the mean over the batch for the gradient of b",
    hints=(
        "How does b enter each row of the output, and how many rows are there?",
        "Two rows with gradients of 1 and 3: grad_b must be 4; yours is 2.",
        "A layer sums over the batch: twice the same images, twice the gradient.",
    ),
)
class TakesTheMeanForBiases(Dense):
    def backward(self, grad_out):
        grad_x = super().backward(grad_out)
        self.grad_b = grad_out.mean(axis=0)
        return grad_x


@mistake(
    "Dense",
    name="divides the gradient that it sends back by the size of the batch",
    hints=(
        "Who divides by N in this course: the loss, the layer, or both?",
        "Two rows, a weight of 3, gradients of 1 each: each row must get back 3; yours gets 1.5.",
        "The gradient for one row does not depend on the other rows of the batch.",
    ),
)
class DividesWhatItSendsBack(Dense):
    def backward(self, grad_out):
        return super().backward(grad_out) / len(grad_out)


@mistake(
    "Dense",
    name="adds its gradients to those of the call before",
    hints=(
        "Call backward twice. What does grad_b of the second call have to do with the first?",
        "backward of 1, then backward of 1: grad_b must be 1; yours is 2.",
        "The gradients of a call replace those of the call before.",
    ),
)
class AddsToTheGradientsBefore(Dense):
    def backward(self, grad_out):
        before = self.grad_W, self.grad_b
        grad_x = super().backward(grad_out)
        if before[0] is not None:
            self.grad_W, self.grad_b = self.grad_W + before[0], self.grad_b + before[1]
        return grad_x


@mistake(
    "Dense",
    name="sums the gradient of b over the outputs instead of over the batch",
    hints=(
        "What shape does b have, and what shape does your grad_b have?",
        "One row and two outputs, gradients 10 and 20: grad_b must be 10 20; yours is 30.",
        "Each bias gets the gradients of its own column, from all rows.",
    ),
)
class SumsOverOutputs(Dense):
    def backward(self, grad_out):
        grad_x = super().backward(grad_out)
        self.grad_b = grad_out.sum(axis=1)
        return grad_x


@mistake(
    "Dense",
    name="sums the gradient of b over everything",
    hints=(
        "What shape does b have, and what shape does your grad_b have?",
        "One row and two outputs, gradients 10 and 20: grad_b must be 10 20; yours is the "
        "number 30.",
        "Each bias gets the gradients of its own column, from all rows.",
    ),
)
class SumsEverything(Dense):
    def backward(self, grad_out):
        grad_x = super().backward(grad_out)
        self.grad_b = grad_out.sum()
        return grad_x


@mistake(
    "Dense",
    name="keeps an axis of length 1 in the gradient of b",
    hints=(
        "What shape does b have, and what shape does your grad_b have?",
        "With three outputs grad_b must have the shape (3,); yours has (1, 3).",
        "A gradient has the shape of what it belongs to.",
    ),
)
class KeepsAnAxis(Dense):
    def backward(self, grad_out):
        grad_x = super().backward(grad_out)
        self.grad_b = self.grad_b[None]
        return grad_x


@mistake(
    "Dense",
    name="has its gradient of W as (D_out, D_in)",
    hints=(
        "Compare grad_W.shape with W.shape.",
        "With two inputs and three outputs grad_W must have the shape (2, 3); yours has (3, 2).",
        "grad_W[i, j] says how the loss changes with W[i, j].",
    ),
)
class TransposesItsGradient(Dense):
    def backward(self, grad_out):
        grad_x = super().backward(grad_out)
        self.grad_W = self.grad_W.T.copy()
        return grad_x


@mistake(
    "Dense",
    name="multiplies by W on the way back, not by its transpose",
    hints=(
        "Write the shapes under your product: grad_out is (N, D_out), W is (D_in, D_out).",
        "With W = 1 2 / 3 4 and a gradient of 1 0, the gradient for x must be 1 3; yours is 1 2.",
        "Input i gets from every output j what W[i, j] makes of its gradient.",
    ),
)
class ForgetsToTranspose(Dense):
    def backward(self, grad_out):
        super().backward(grad_out)
        return grad_out @ self.W


@mistake(
    "Dense",
    name="uses the input of its first forward for ever",
    hints=(
        "When do you write what backward needs: at every forward, or once?",
        "forward of 3, forward of 5, backward of 1: grad_W must be 5; yours is 3.",
        "backward belongs to the latest forward.",
    ),
)
class UsesItsFirstInput(Dense):
    _first = None

    def forward(self, x):
        out = super().forward(x)
        self._first = self._x if self._first is None else self._first
        return out

    def backward(self, grad_out):
        self._x = self._first
        return super().backward(grad_out)


@mistake(
    "Dense",
    name="keeps its input where all layers of this kind keep theirs",
    hints=(
        "Do you write to `self`, or to the class, or to a name outside of it?",
        "one.forward of 3, two.forward of 5, one.backward of 1: one.grad_W must be 3; yours is 5.",
        "What one layer remembers does not depend on any other layer.",
    ),
)
class SharesItsInput(Dense):
    def forward(self, x):
        out = super().forward(x)
        SharesItsInput._shared = x
        return out

    def backward(self, grad_out):
        self._x = self._shared
        return super().backward(grad_out)


@mistake(
    "Dense",
    name="never stores its gradients",
    hints=(
        "Where do you look for grad_W after backward, and who wrote it there?",
        "forward of 3, backward of 1: layer.grad_W must be 3 then; yours is still None.",
        "After backward, grad_W and grad_b have the shapes of W and b.",
    ),
)
class StoresNoGradients(Dense):
    def backward(self, grad_out):
        return grad_out @ self.W.T


@mistake(
    "Dense",
    name="returns the gradients for W and b beside the one for its input",
    hints=(
        "What does the layer before this one expect as its grad_out?",
        "With W = 3, backward of 1 must return 3; yours returns a tuple of three arrays.",
        "backward takes one array and returns one array; the other two are stored.",
    ),
)
class ReturnsAllGradients(Dense):
    def backward(self, grad_out):
        return super().backward(grad_out), self.grad_W, self.grad_b


# --- Dense: the first weights -------------------------------------------------------------
@mistake(
    "Dense",
    name="has its weights as (D_out, D_in)",
    hints=(
        "Which of the two numbers of W.shape counts inputs? The docstring says it under W.",
        "With two inputs and three outputs W must have the shape (2, 3); yours has (3, 2).",
        "W fits on the right of x: (N, D_in) times (D_in, D_out).",
    ),
)
class HasWeightsTransposed(Dense):
    def __init__(self, in_features, out_features, rng=None):
        super().__init__(out_features, in_features, rng)
        self.b = np.zeros(out_features, dtype=np.float32)


def _dense(deviation):
    """Make a base class whose weights deviate by deviation(D_in, D_out)."""

    class Scaled(Dense):
        def __init__(self, in_features, out_features, rng=None):
            super().__init__(in_features, out_features, rng)
            scale = deviation(in_features, out_features) / np.sqrt(2 / in_features)
            self.W = (self.W * scale).astype(np.float32)

    return Scaled


@mistake(
    "Dense",
    name="keeps its first parameters in float64, and so gives float64 for float32",
    hints=(
        "Which dtype does rng.normal draw, and which one does np.zeros make?",
        "A float32 row through Dense(2, 1): the output must be float32; yours is float64.",
        "float32 in, float32 out: that takes parameters of float32.",
    ),
)
class KeepsFloat64(Dense):
    def __init__(self, in_features, out_features, rng=None):
        super().__init__(in_features, out_features, rng)
        self.W, self.b = self.W.astype(float), self.b.astype(float)


@mistake(
    "Dense",
    name="draws weights with a deviation of 1",
    hints=(
        "How large is the sum of 400 random numbers with a deviation of 1?",
        "With D_in = 200 the deviation of W must be 0.1; yours is 1.",
        "The deviation falls with the root of D_in, so that outputs are as large as inputs.",
    ),
)
class DrawsWithDeviationOne(_dense(lambda D_in, D_out: 1.0)):
    pass


@mistake(
    "Dense",
    name="draws weights with a deviation of 0.01",
    hints=(
        "What becomes of a signal that five layers make ten times smaller each?",
        "With D_in = 200 the deviation of W must be 0.1; yours is 0.01.",
        "The deviation follows D_in, so that outputs are as large as inputs.",
    ),
)
class DrawsWithDeviationOneHundredth(_dense(lambda D_in, D_out: 0.01)):
    pass


@mistake(
    "Dense",
    name="draws weights for the number of its outputs",
    hints=(
        "Over how many terms does each output sum: D_in or D_out?",
        "With D_in = 200 and D_out = 50 the deviation of W must be 0.1; yours is 0.2.",
        "The deviation does not depend on D_out.",
    ),
)
class DrawsForItsOutputs(_dense(lambda D_in, D_out: np.sqrt(2 / D_out))):
    pass


@mistake(
    "Dense",
    name="draws weights with a variance of 1 / D_in, which is for layers without a ReLU",
    hints=(
        "ReLU drops half of the signal. Which number in He's formula makes up for it?",
        "With D_in = 200 the deviation of W must be 0.1; yours is 0.071.",
        "The variance of W, times D_in, is 2.",
    ),
)
class DrawsForNoRelu(_dense(lambda D_in, D_out: np.sqrt(1 / D_in))):
    pass


@mistake(
    "Dense",
    name="draws weights as Glorot proposed, for inputs and outputs together",
    hints=(
        "There are two well-known formulas. Which of them has only D_in in it?",
        "With D_in = 200 and D_out = 600 the deviation of W must be 0.1; yours is 0.05.",
        "The deviation does not depend on D_out.",
    ),
)
class DrawsAsGlorotProposed(_dense(lambda D_in, D_out: np.sqrt(2 / (D_in + D_out)))):
    pass


@mistake(
    "Dense",
    name="takes the variance for the standard deviation",
    hints=(
        "What does rng.normal take as its second argument?",
        "With D_in = 200 the deviation of W must be 0.1; yours is 0.01, which is its square.",
        "The variance of W, times D_in, is 2.",
    ),
)
class TakesVarianceForDeviation(_dense(lambda D_in, D_out: 2 / D_in)):
    pass


@mistake(
    "Dense",
    name="starts with weights of 0",
    hints=(
        "If all weights of a layer are equal, in what do the gradients of its neurons differ?",
        "With D_in = 200 the deviation of W must be 0.1; yours is 0.",
        "The weights are random: no two neurons start alike.",
    ),
)
class StartsWithZeros(_dense(lambda D_in, D_out: 0.0)):
    pass


@mistake(
    "Dense",
    name="draws weights between 0 and 1",
    hints=(
        "What is the mean of rng.random, and what must the mean of W be?",
        "The mean of W must be about 0; yours is about 0.5.",
        "About as many weights are negative as positive.",
    ),
)
class DrawsPositiveWeights(Dense):
    def __init__(self, in_features, out_features, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        super().__init__(in_features, out_features, rng)
        self.W = rng.random((in_features, out_features)).astype(np.float32)


@mistake(
    "Dense",
    name="starts with random biases",
    hints=(
        "What does the docstring say about b at first?",
        "In a new layer with two outputs b must be 0 0; yours holds random numbers.",
        "A new layer gives 0 for an input of zeros.",
    ),
)
class StartsWithRandomBiases(Dense):
    def __init__(self, in_features, out_features, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        super().__init__(in_features, out_features, rng)
        self.b = rng.normal(0, np.sqrt(2 / in_features), out_features).astype(np.float32)


@mistake(
    "Dense",
    name="never uses the generator that it is given",
    hints=(
        "Where do your random numbers come from? np.random.normal knows nothing of `rng`.",
        "Two layers made with default_rng(5) each must have equal weights; yours differ.",
        "The same seed gives the same weights.",
    ),
)
class IgnoresItsGenerator(Dense):
    def __init__(self, in_features, out_features, rng=None):
        super().__init__(in_features, out_features)


@mistake(
    "Dense",
    name="seeds a generator of its own, so that all layers of one size are alike",
    hints=(
        "Which seed do your weights depend on: the caller's, or one of your own?",
        "Layers made with default_rng(5) and default_rng(6) must differ; yours are equal.",
        "Every random number comes from `rng`.",
    ),
)
class SeedsItself(Dense):
    def __init__(self, in_features, out_features, rng=None):
        super().__init__(in_features, out_features, np.random.default_rng(0))


# --- softmax_cross_entropy: the value -----------------------------------------------------
def _log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _picked(logits, labels):
    """Check the arguments as the stub does; return a 1 for each right class, else 0."""
    softmax_cross_entropy(logits, labels)
    return np.eye(logits.shape[1], dtype=logits.dtype)[labels]


@mistake(
    "softmax_cross_entropy",
    name="takes exp of the logits as they are, which overflows",
    hints=(
        "What is np.exp(1000.0)? Softmax does not change if all logits of a row move alike.",
        "The logits 1000 and 0 with label 0 have a loss of 0; yours is nan.",
        "The loss is finite for logits of any finite size.",
    ),
)
def overflows(logits, labels):
    one_hot = _picked(logits, labels)
    exponentials = np.exp(logits)
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    loss = -np.log(probabilities[one_hot == 1]).mean()
    return float(loss), (probabilities - one_hot) / len(logits)


@mistake(
    "softmax_cross_entropy",
    name="takes the log of a sum of exp, which overflows",
    hints=(
        "What is np.exp(1000.0)? Softmax does not change if all logits of a row move alike.",
        "The logits 1000 and 0 with label 0 have a loss of 0; yours is inf.",
        "The loss is finite for logits of any finite size.",
    ),
)
def overflows_in_the_sum(logits, labels):
    one_hot = _picked(logits, labels)
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    loss = -log_probabilities[one_hot == 1].mean()
    return float(loss), (np.exp(log_probabilities) - one_hot) / len(logits)


@mistake(
    "softmax_cross_entropy",
    name="takes the log of a probability that has become 0",
    hints=(
        "You shift the logits, which is right. But what is the log of exp(-2000)?",
        "The logits 1000 and -1000 with label 1 have a loss of 2000; yours is inf.",
        "The log of softmax needs no log of a small number: simplify it on paper first.",
    ),
)
def takes_the_log_of_zero(logits, labels):
    one_hot = _picked(logits, labels)
    probabilities = np.exp(_log_softmax(logits))
    loss = -np.log(probabilities[one_hot == 1]).mean()
    return float(loss), (probabilities - one_hot) / len(logits)


@mistake(
    "softmax_cross_entropy",
    name="clips the logits",
    hints=(
        "What is the loss of logits that are far apart, 1e9 and -1e9, if the label is wrong?",
        "Logits 1e9 -1e9 with label 1: the loss must be 2e9; yours is bounded.",
        "Subtracting the row's maximum is all that is needed: nothing is clipped.",
    ),
)
def clips_the_logits(logits, labels):
    return softmax_cross_entropy(np.clip(logits, -1e4, 1e4), labels)


@mistake(
    "softmax_cross_entropy",
    name="adds a small number inside the log, which bounds the loss",
    hints=(
        "What is the largest loss that your formula can give?",
        "The logits 1000 and -1000 with label 1 have a loss of 2000; yours is 27.6, which is "
        "-log(1e-12).",
        "The log of softmax needs no log of a small number: simplify it on paper first.",
    ),
)
def adds_a_small_number(logits, labels):
    one_hot = _picked(logits, labels)
    probabilities = np.exp(_log_softmax(logits))
    loss = -np.log(probabilities[one_hot == 1] + 1e-12).mean()
    return float(loss), (probabilities - one_hot) / len(logits)


@mistake(
    "softmax_cross_entropy",
    name="shifts by the largest logit of the whole batch",
    hints=(
        "What does a row of small logits become if another row holds a 1000?",
        "The rows 1000 0 and 0 0, labels 0 and 0, have the losses 0 and 0.693; your second is "
        "-inf, for exp makes that row 0 0.",
        "The loss of one image does not depend on the other images.",
    ),
)
def shifts_by_the_largest_of_all(logits, labels):
    one_hot = _picked(logits, labels)
    shifted = logits - logits.max()
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_probabilities[one_hot == 1].mean()
    return float(loss), (np.exp(log_probabilities) - one_hot) / len(logits)


@mistake(
    "softmax_cross_entropy",
    name="shifts by the largest logit of each column, not of each row",
    hints=(
        "Softmax stays the same only if all logits of one image move alike. Do yours?",
        "The rows 0 1 and 2 1, labels 0 and 0: the first has a loss of 1.313; yours is 2.127, for "
        "its logits have become -2 and 0, by different amounts.",
        "The loss of one image does not depend on the other images.",
    ),
)
def shifts_by_columns(logits, labels):
    _picked(logits, labels)
    return softmax_cross_entropy(logits - logits.max(axis=0), labels)


@mistake(
    "softmax_cross_entropy",
    name="divides by the sum over the batch instead of over the classes",
    hints=(
        "Print your probabilities and add up each row. Add up each column.",
        "A single image with the logits 0 and 0: its probabilities are 0.5 and 0.5; yours are 1 "
        "and 1.",
        "The probabilities of one image add up to 1, and so each row of the gradient to 0.",
    ),
)
def normalises_over_the_batch(logits, labels):
    one_hot = _picked(logits, labels)
    exponentials = np.exp(logits - logits.max())
    probabilities = exponentials / exponentials.sum(axis=0)
    loss = -np.log(probabilities[one_hot == 1]).mean()
    return float(loss), (probabilities - one_hot) / len(logits)


@mistake(
    "softmax_cross_entropy",
    name="takes softmax twice",
    hints=(
        "How often is exp taken on the way from the logits to the loss?",
        "The logits ln 1 and ln 3 with label 1: the probability is 0.75 and the loss 0.288; "
        "yours is 0.474.",
        "exp(-loss) of a single image is the softmax of its right logit.",
    ),
)
def takes_softmax_twice(logits, labels):
    _picked(logits, labels)
    return softmax_cross_entropy(np.exp(_log_softmax(logits)), labels)


@mistake(
    "softmax_cross_entropy",
    name="adds the losses of the batch up instead of taking their mean",
    hints=(
        "Put the same image into the batch twice. What should happen to the loss?",
        "Two images with ten equal logits each: the loss is 2.303; yours is 4.605.",
        "The loss is a mean: it does not grow with the batch.",
    ),
)
def adds_up_losses(logits, labels):
    loss, grad_logits = softmax_cross_entropy(logits, labels)
    return loss * len(logits), grad_logits


@mistake(
    "softmax_cross_entropy",
    name="adds everything up: neither the loss nor the gradient is divided by N",
    hints=(
        "Put the same image into the batch twice. What should happen to the loss?",
        "Two images with ten equal logits each: the loss is 2.303; yours is 4.605.",
        "The loss is a mean over the batch, and the gradient is that of this mean.",
    ),
)
def divides_nothing(logits, labels):
    loss, grad_logits = softmax_cross_entropy(logits, labels)
    return loss * len(logits), grad_logits * len(logits)


@mistake(
    "softmax_cross_entropy",
    name="takes the mean over images and classes",
    hints=(
        "How many numbers is your mean over? How many images are there?",
        "One image with ten equal logits: the loss is 2.303; yours is 0.2303.",
        "The loss is divided by N alone.",
    ),
)
def averages_over_classes(logits, labels):
    loss, grad_logits = softmax_cross_entropy(logits, labels)
    return loss / logits.shape[1], grad_logits / logits.shape[1]


@mistake(
    "softmax_cross_entropy",
    name="forgets the minus sign of the loss",
    hints=(
        "Is the log of a probability above or below 0?",
        "One image with ten equal logits: the loss is 2.303; yours is -2.303.",
        "A loss is never below 0.",
    ),
)
def forgets_the_minus(logits, labels):
    loss, grad_logits = softmax_cross_entropy(logits, labels)
    return -loss, grad_logits


@mistake(
    "softmax_cross_entropy",
    name="takes the logarithm to base 2",
    hints=(
        "Which logarithm does the docstring mean, and which one did you take?",
        "One image with two equal logits: the loss is 0.693; yours is 1.",
        "exp(-loss) of a single image is the softmax of its right logit.",
    ),
)
def takes_log2(logits, labels):
    loss, grad_logits = softmax_cross_entropy(logits, labels)
    return loss / float(np.log(2)), grad_logits


@mistake(
    "softmax_cross_entropy",
    name="returns one loss for each image",
    hints=(
        "What does the docstring say about the type of the loss?",
        "Two images with ten equal logits each: the loss is 2.303; yours is 2.303 2.303.",
        "The loss is one number, the mean over the batch.",
    ),
)
def returns_every_loss(logits, labels):
    one_hot = _picked(logits, labels)
    losses = -_log_softmax(logits)[one_hot == 1]
    return losses, softmax_cross_entropy(logits, labels)[1]


@mistake(
    "softmax_cross_entropy",
    name="returns the loss without its gradient",
    hints=(
        "What does the docstring promise under Returns, and how many things do you return?",
        "One image with two equal logits must give 0.693 and a gradient; yours gives 0.693 alone.",
        "The result is a tuple: the loss, then the gradient.",
    ),
)
def returns_the_loss_alone(logits, labels):
    return softmax_cross_entropy(logits, labels)[0]


# --- softmax_cross_entropy: the gradient --------------------------------------------------
@mistake(
    "softmax_cross_entropy",
    name="subtracts the number of the class instead of 1 at its place",
    hints=(
        "A label of 3 is the name of a class. Where does the gradient differ from softmax?",
        "The logits 0 and 0 with label 1: the gradient is 0.5 -0.5; yours is -0.5 -0.5.",
        "Each row of the gradient adds up to 0.",
    ),
)
def subtracts_the_label(logits, labels):
    one_hot = _picked(logits, labels)
    loss, grad_logits = softmax_cross_entropy(logits, labels)
    return loss, grad_logits + (one_hot - labels[:, None].astype(logits.dtype)) / len(logits)


@mistake(
    "softmax_cross_entropy",
    name="multiplies by the labels as if they were rows of zeros and ones",
    hints=(
        "NumPy says which two shapes do not fit. What shape do the labels have, and what do they "
        "hold?",
        "Two images and three classes: labels = 2 0 picks column 2 of the first row and column 0 "
        "of the second; yours tries to multiply (2,) by (2, 3).",
        "A label is the number of a class, not a row with a 1 in it.",
    ),
)
def takes_labels_for_rows(logits, labels):
    softmax_cross_entropy(logits, labels)
    log_probabilities = _log_softmax(logits)
    loss = -(labels * log_probabilities).sum(axis=1).mean()
    return float(loss), (np.exp(log_probabilities) - labels) / len(logits)


@mistake(
    "softmax_cross_entropy",
    name="subtracts 1 in the columns of all labels, for every image",
    hints=(
        "How many entries does your subtraction change? There is one right class an image.",
        "Two images with the logits 0 and 0, labels 0 and 1: the gradient of the first is "
        "-0.25 0.25; yours is -0.25 -0.25.",
        "Each row of the gradient adds up to 0.",
    ),
)
def subtracts_in_whole_columns(logits, labels):
    loss, _ = softmax_cross_entropy(logits, labels)
    grad_logits = np.exp(_log_softmax(logits))
    grad_logits[:, labels] -= 1
    return loss, grad_logits / len(logits)


@mistake(
    "softmax_cross_entropy",
    name="forgets to subtract 1 at the right class",
    hints=(
        "Which way must the right logit move for the loss to fall? And which way does it go?",
        "The logits 0 and 0 with label 1: the gradient is 0.5 -0.5; yours is 0.5 0.5.",
        "Each row of the gradient adds up to 0.",
    ),
)
def forgets_to_subtract(logits, labels):
    loss, _ = softmax_cross_entropy(logits, labels)
    return loss, np.exp(_log_softmax(logits)) / len(logits)


@mistake(
    "softmax_cross_entropy",
    name="has the gradient's sign the wrong way round",
    hints=(
        "Raise the right logit a little. Does the loss rise or fall?",
        "The logits 0 and 0 with label 1: the gradient is 0.5 -0.5; yours is -0.5 0.5.",
        "The gradient is negative at the right class alone.",
    ),
)
def turns_the_gradient_round(logits, labels):
    loss, grad_logits = softmax_cross_entropy(logits, labels)
    return loss, -grad_logits


@mistake(
    "softmax_cross_entropy",
    name="forgets to divide the gradient by N",
    hints=(
        "The loss is a mean over the batch. What does that make of the gradient?",
        "Two images with the logits 0 and 0, labels 1 and 1: each row of the gradient is "
        "0.25 -0.25; yours is 0.5 -0.5.",
        "The gradient is that of the mean: it agrees with finite differences of the loss.",
    ),
)
def divides_the_loss_alone(logits, labels):
    loss, grad_logits = softmax_cross_entropy(logits, labels)
    return loss, grad_logits * len(logits)


@mistake(
    "softmax_cross_entropy",
    name="divides the gradient by N twice",
    hints=(
        "How often do you divide by the number of images?",
        "Two images with the logits 0 and 0, labels 1 and 1: each row of the gradient is "
        "0.25 -0.25; yours is 0.125 -0.125.",
        "The gradient is that of the mean: it agrees with finite differences of the loss.",
    ),
)
def divides_the_gradient_twice(logits, labels):
    loss, grad_logits = softmax_cross_entropy(logits, labels)
    return loss, grad_logits / len(logits)


@mistake(
    "softmax_cross_entropy",
    name="returns the gradient for the probabilities, not for the logits",
    hints=(
        "Between the probabilities and the logits there is a softmax. Who undoes it?",
        "The logits 0 and 0 with label 1: the gradient is 0.5 -0.5; yours is 0 -2.",
        "Each row of the gradient adds up to 0: moving all logits alike changes nothing.",
    ),
)
def stops_at_the_probabilities(logits, labels):
    one_hot = _picked(logits, labels)
    loss, _ = softmax_cross_entropy(logits, labels)
    with np.errstate(over="ignore"):
        return loss, -one_hot / np.exp(_log_softmax(logits)) / len(logits)


@mistake(
    "softmax_cross_entropy",
    name="returns a float64 gradient for float32 logits",
    hints=(
        "Print the dtypes of all that enters the gradient. np.eye(3) is float64.",
        "For float32 logits the gradient must be float32; yours is float64.",
        "float32 in, float32 out.",
    ),
)
def gradient_in_float64(logits, labels):
    loss, grad_logits = softmax_cross_entropy(logits, labels)
    return loss, grad_logits.astype(np.float64)


@mistake(
    "softmax_cross_entropy",
    name="writes into the logits",
    hints=(
        "Compare the logits before and after the call. Which of your lines writes into them?",
        "After the call the logits 3 and 5 must still be 3 and 5; after `logits -= 5` they are "
        "-2 and 0.",
        "An argument is never modified.",
    ),
)
def shifts_in_place(logits, labels):
    result = softmax_cross_entropy(logits, labels)
    logits -= logits.max(axis=1, keepdims=True)
    return result


# --- build_lenet --------------------------------------------------------------------------
class _Softmax:
    """What some put behind the last layer."""

    def forward(self, x):
        self._out = np.exp(_log_softmax(x))
        return self._out

    def backward(self, grad_out):
        return self._out * (grad_out - (grad_out * self._out).sum(axis=1, keepdims=True))


class _Tanh:
    """What LeCun and others used in 1998."""

    def forward(self, x):
        self._out = np.tanh(x)
        return self._out

    def backward(self, grad_out):
        return grad_out * (1 - self._out**2)


@mistake(
    "build_lenet",
    name="makes the first dense layer for images of 28x28 pixels",
    hints=(
        "Walk the shapes from the image to Flatten. How many values does one image have there?",
        "32 - 4 = 28, halved 14, 14 - 4 = 10, halved 5: 5x5x16 = 400 values; your layer waits "
        "for 256, which is 4x4x16.",
        "The images have 32x32 pixels.",
    ),
)
def expects_28_pixels(num_classes=10, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    layers = build_lenet(num_classes, rng)
    layers[7] = Dense(256, 120, rng=rng)
    return layers


@mistake(
    "build_lenet",
    name="puts a ReLU behind the last layer",
    hints=(
        "What can a logit be after your last layer? May a logit be negative?",
        "There are 12 layers, and the last one is dense; yours are 13, and the last is a ReLU.",
        "About half of the logits of a new network are negative.",
    ),
)
def rectifies_the_logits(num_classes=10, rng=None):
    return [*build_lenet(num_classes, rng), ReLU()]


@mistake(
    "build_lenet",
    name="has its last ReLU behind the last dense layer instead of before it",
    hints=(
        "Write down your last three layers. Which two dense layers have nothing between them?",
        "layers[10] is a ReLU and layers[11] dense; yours are the other way round.",
        "About half of the logits of a new network are negative.",
    ),
)
def moves_the_last_relu(num_classes=10, rng=None):
    layers = build_lenet(num_classes, rng)
    return [*layers[:10], layers[11], layers[10]]


@mistake(
    "build_lenet",
    name="ends in a softmax layer, though the loss takes softmax itself",
    hints=(
        "Who takes softmax in this stage? Look at softmax_cross_entropy.",
        "There are 12 layers, and the last one is dense; yours are 13, and the rows of the "
        "output add up to 1.",
        "What comes out are logits: they may be negative, and larger than 1.",
    ),
)
def ends_in_softmax(num_classes=10, rng=None):
    return [*build_lenet(num_classes, rng), _Softmax()]


@mistake(
    "build_lenet",
    name="leaves out the ReLU behind the first convolution",
    hints=(
        "Count your layers. What stands behind each convolution?",
        "There are 12 layers; yours are 11, and layers[1] pools.",
        "Behind every convolution and every dense layer but the last there is a ReLU.",
    ),
)
def leaves_out_the_first_relu(num_classes=10, rng=None):
    layers = build_lenet(num_classes, rng)
    return layers[:1] + layers[2:]


@mistake(
    "build_lenet",
    name="leaves out the ReLUs between the dense layers",
    hints=(
        "Count your layers. What are three dense layers worth with nothing between them?",
        "There are 12 layers; yours are 10, and layers[7], [8] and [9] are all dense.",
        "Behind every convolution and every dense layer but the last there is a ReLU.",
    ),
)
def leaves_out_the_dense_relus(num_classes=10, rng=None):
    layers = build_lenet(num_classes, rng)
    return [*layers[:8], layers[9], layers[11]]


@mistake(
    "build_lenet",
    name="has no ReLU at all",
    hints=(
        "Count your layers. What is a chain of linear layers worth?",
        "There are 12 layers; yours are 8.",
        "Behind every convolution and every dense layer but the last there is a ReLU.",
    ),
)
def has_no_relu(num_classes=10, rng=None):
    layers = build_lenet(num_classes, rng)
    return [layers[place] for place in (0, 2, 3, 5, 6, 7, 9, 11)]


@mistake(
    "build_lenet",
    name="has tanh where a ReLU belongs",
    hints=(
        "LeCun's network of 1998 had another bend. What does the docstring ask for?",
        "layers[1] must turn -1 into 0; yours turns it into -0.76.",
        "No output of layers[1], [4], [8] and [10] is below 0.",
    ),
)
def bends_with_tanh(num_classes=10, rng=None):
    layers = build_lenet(num_classes, rng)
    for place in (1, 4, 8, 10):
        layers[place] = _Tanh()
    return layers


@mistake(
    "build_lenet",
    name="uses one and the same ReLU in four places",
    hints=(
        "How many ReLU objects does your code make? What does each have to remember?",
        "layers[1] is layers[4] must be False; yours says True, and backward finds the mask of "
        "the last forward everywhere.",
        "Every layer remembers its own input, so every place has a layer of its own.",
    ),
)
def uses_one_relu(num_classes=10, rng=None):
    layers = build_lenet(num_classes, rng)
    layers[4] = layers[8] = layers[10] = layers[1]
    return layers


@mistake(
    "build_lenet",
    name="uses one and the same pooling layer in two places",
    hints=(
        "How many pooling objects does your code make? What does each have to remember?",
        "layers[2] is layers[5] must be False; yours says True, and backward finds the indices "
        "of the second place in both.",
        "Every layer remembers its own input, so every place has a layer of its own.",
    ),
)
def uses_one_pooling(num_classes=10, rng=None):
    layers = build_lenet(num_classes, rng)
    layers[5] = layers[2]
    return layers


@mistake(
    "build_lenet",
    name="pools before the ReLU",
    hints=(
        "The numbers come out the same. Compare your list with the docstring, place by place.",
        "layers[1] must keep 28x28 pixels, and layers[2] halve them; yours halve them at once.",
        "The order is convolution, ReLU, pooling.",
    ),
)
def pools_before_relu(num_classes=10, rng=None):
    layers = build_lenet(num_classes, rng)
    return [layers[place] for place in (0, 2, 1, 3, 5, 4, *range(6, 12))]


@mistake(
    "build_lenet",
    name="has a ReLU before each convolution instead of behind it",
    hints=(
        "The number of layers and of parameters is right. Compare place by place.",
        "layers[0] must turn 32x32 pixels into 28x28; yours leaves them as they are.",
        "The order is convolution, ReLU, pooling.",
    ),
)
def rectifies_before_convolving(num_classes=10, rng=None):
    layers = build_lenet(num_classes, rng)
    return [layers[place] for place in (1, 0, 2, 4, 3, 5, *range(6, 12))]


@mistake(
    "build_lenet",
    name="forgets to flatten",
    hints=(
        "What shape comes out of the second pooling, and what does a dense layer take?",
        "There are 12 layers; yours are 11, and the first dense layer gets images of 5x5x16.",
        "Between the last pooling and the first dense layer each image becomes one row.",
    ),
)
def forgets_to_flatten(num_classes=10, rng=None):
    layers = build_lenet(num_classes, rng)
    return layers[:6] + layers[7:]


@mistake(
    "build_lenet",
    name="always has ten classes",
    hints=(
        "Which argument have you not used yet?",
        "build_lenet(3) must give 3 logits for each image; yours gives 10.",
        "The last layer has num_classes outputs.",
    ),
)
def always_ten_classes(num_classes=10, rng=None):
    return build_lenet(10, rng)


@mistake(
    "build_lenet",
    name="has 16 filters in the first convolution already",
    hints=(
        "Count the channels from layer to layer: 1, then?",
        "The first convolution has 6 filters, 156 parameters; yours has 16, which makes 416.",
        "The channels are 1, 6, 16; the parameters are 61,706.",
    ),
)
def sixteen_filters_at_once(num_classes=10, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    layers = build_lenet(num_classes, rng)
    layers[0], layers[3] = Conv2D(1, 16, 5, rng=rng), Conv2D(16, 16, 5, rng=rng)
    return layers


@mistake(
    "build_lenet",
    name="pads the first convolution, so that images keep their size",
    hints=(
        "What is the size of an image behind the first convolution?",
        "32 - 5 + 1 = 28 pixels; yours keeps 32.",
        "No convolution of LeNet pads: 32, 28, 14, 10, 5.",
    ),
)
def pads_the_first_convolution(num_classes=10, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    layers = build_lenet(num_classes, rng)
    layers[0] = Conv2D(1, 6, 5, padding=2, rng=rng)
    return layers


@mistake(
    "build_lenet",
    name="has filters of 3x3 instead of 5x5",
    hints=(
        "What is the size of an image behind the first convolution?",
        "32 - 5 + 1 = 28 pixels; yours are 30.",
        "The images are 32, 28, 14, 10 and 5 pixels wide.",
    ),
)
def has_filters_of_3x3(num_classes=10, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    layers = build_lenet(num_classes, rng)
    layers[0], layers[3] = Conv2D(1, 6, 3, rng=rng), Conv2D(6, 16, 3, rng=rng)
    return layers


@mistake(
    "build_lenet",
    name="pools by averages",
    hints=(
        "LeCun's network of 1998 pooled in another way. What does the docstring ask for?",
        "The window 1 3 / 5 6 must become 6; yours becomes 3.75.",
        "Every output of layers[2] and layers[5] is one of their inputs.",
    ),
)
def pools_by_averages(num_classes=10, rng=None):
    layers = build_lenet(num_classes, rng)
    layers[2], layers[5] = AvgPool2D(2), AvgPool2D(2)
    return layers


@mistake(
    "build_lenet",
    name="moves its pooling windows by one pixel",
    hints=(
        "What is the size of an image behind the first pooling?",
        "28 pixels, windows of 2 that tile: 14; yours are 27.",
        "Pooling halves height and width.",
    ),
)
def pools_at_stride_one(num_classes=10, rng=None):
    layers = build_lenet(num_classes, rng)
    layers[2], layers[5] = MaxPool2D(2, 1), MaxPool2D(2, 1)
    return layers


@mistake(
    "build_lenet",
    name="exchanges the dense layers of 120 and of 84 neurons",
    hints=(
        "Compare the sizes of your dense layers with the docstring, one after the other.",
        "The first dense layer has 400 * 120 + 120 = 48,120 parameters; yours has 33,684.",
        "The rows get shorter: 400, 120, 84, num_classes.",
    ),
)
def exchanges_120_and_84(num_classes=10, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    layers = build_lenet(num_classes, rng)
    layers[7], layers[9] = Dense(400, 84, rng=rng), Dense(84, 120, rng=rng)
    layers[11] = Dense(120, num_classes, rng=rng)
    return layers


@mistake(
    "build_lenet",
    name="leaves out the dense layer of 84 neurons",
    hints=(
        "Count your layers. Which of those in the docstring is missing?",
        "There are 12 layers and 61,706 parameters; yours are 10 layers and 51,902.",
        "The rows get shorter: 400, 120, 84, num_classes.",
    ),
)
def leaves_out_84(num_classes=10, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    return [*build_lenet(num_classes, rng)[:9], Dense(120, num_classes, rng=rng)]


@mistake(
    "build_lenet",
    name="never passes its generator on to the layers",
    hints=(
        "Which of your layers get `rng`? What do the others draw from?",
        "Two networks made with default_rng(5) each must have equal weights; yours differ.",
        "The same seed gives the same network.",
    ),
)
def passes_no_generator_on(num_classes=10, rng=None):
    return build_lenet(num_classes)


@mistake(
    "build_lenet",
    name="passes its generator to the dense layers, but not to the convolutions",
    hints=(
        "Which of your layers get `rng`? What do the others draw from?",
        "Two networks made with default_rng(5) each must have equal filters in layers[0]; yours "
        "differ.",
        "The same seed gives the same network.",
    ),
)
def forgets_the_convolutions_generator(num_classes=10, rng=None):
    layers = build_lenet(num_classes, rng)
    layers[0], layers[3] = Conv2D(1, 6, 5), Conv2D(6, 16, 5)
    return layers


@mistake(
    "build_lenet",
    name="makes a generator of its own with a fixed seed",
    hints=(
        "Which seed do the weights depend on: the caller's, or one of your own?",
        "Networks made with default_rng(5) and default_rng(6) must differ; yours are equal.",
        "Every random number comes from `rng`.",
    ),
)
def seeds_a_generator_of_its_own(num_classes=10, rng=None):
    return build_lenet(num_classes, np.random.default_rng(0))


# --- forward_cnn and backward_cnn ---------------------------------------------------------
@mistake(
    "forward_cnn",
    name="returns inside the loop, behind the first layer",
    hints=(
        "How far is your return indented? How often does the loop run?",
        "[ReLU(), Flatten()] and one image of 1x2 pixels, -1 2: the result is one row, 0 2; "
        "yours is still an image, 0 2.",
        "Every layer is called exactly once.",
    ),
)
def returns_behind_the_first_layer(layers, x):
    for layer in layers:
        return layer.forward(x)
    return x


@mistake(
    "forward_cnn",
    name="gives every layer the same x",
    hints=(
        "What is the input of the second layer, and what do you hand to it?",
        "[Flatten(), ReLU()] and one image of 1x2 pixels, -1 2: the result is one row, 0 2; "
        "yours is an image, 0 2, for ReLU got the image and not the row.",
        "The output of each layer is the input of the next.",
    ),
)
def gives_every_layer_x(layers, x):
    out = x
    for layer in layers:
        out = layer.forward(x)
    return out


@mistake(
    "forward_cnn",
    name="calls the layers and drops what they return",
    hints=(
        "Where does the result of layer.forward go?",
        "[ReLU()] and the row -1 2: the result is 0 2; yours is -1 2, the input.",
        "The output of each layer is the input of the next.",
    ),
)
def drops_what_layers_return(layers, x):
    for layer in layers:
        layer.forward(x)
    return x.copy()


@mistake(
    "forward_cnn",
    name="goes through the layers from the last to the first",
    hints=(
        "Which layer sees the image first?",
        "[Flatten(), Dense(2, 1)] and one image of 1x2 pixels: the image must meet Flatten "
        "first; yours meets Dense, which takes rows only.",
        "Forward: first to last. Backward: last to first.",
    ),
)
def goes_forward_backwards(layers, x):
    for layer in reversed(layers):
        x = layer.forward(x)
    return x


@mistake(
    "forward_cnn",
    name="leaves the last layer out",
    hints=(
        "Which layers does your loop reach? What does range(len(layers) - 1) end with?",
        "[Flatten(), ReLU()] and one image of 1x2 pixels, -1 2: the result is 0 2; yours is -1 2.",
        "Every layer is called exactly once.",
    ),
)
def leaves_out_the_last_layer(layers, x):
    for layer in layers[:-1]:
        x = layer.forward(x)
    return x


@mistake(
    "forward_cnn",
    name="takes softmax of the logits",
    hints=(
        "Who takes softmax in this stage? Look at softmax_cross_entropy.",
        "[Flatten()] and one image of 1x2 pixels, 0 0: the result is 0 0; yours is 0.5 0.5.",
        "The result is the output of the last layer, and nothing more.",
    ),
)
def takes_softmax_of_the_logits(layers, x):
    out = forward_cnn(layers, x)
    exponentials = np.exp(out - out.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@mistake(
    "forward_cnn",
    name="returns the outputs of all layers",
    hints=(
        "What does the docstring say about the result?",
        "[Flatten(), ReLU()] and one image of 1x2 pixels, -1 2: the result is 0 2; yours is a "
        "list of two arrays.",
        "The result is the output of the last layer alone.",
    ),
)
def returns_every_output(layers, x):
    outputs = []
    for layer in layers:
        x = layer.forward(x)
        outputs.append(x)
    return outputs


@mistake(
    "backward_cnn",
    name="goes through the layers from the first to the last",
    hints=(
        "Which layer knows what to do with the gradient of the loss?",
        "[Flatten(), Dense(2, 1)]: the gradient has one value for the one output of Dense; yours "
        "hands it to Flatten, which waits for 2.",
        "Forward: first to last. Backward: last to first.",
    ),
)
def goes_back_forwards(layers, grad_out):
    for layer in layers:
        grad_out = layer.backward(grad_out)
    return grad_out


@mistake(
    "backward_cnn",
    name="gives every layer the gradient of the loss",
    hints=(
        "Whose gradient does each layer need? Where does the result of layer.backward go?",
        "[Dense(1, 1), Dense(1, 1)] with weights 2 and 3, input 1, gradient 1: the second sends "
        "back 3, and the first must get that; yours gets 1.",
        "What a layer sends back is the grad_out of the layer before it.",
    ),
)
def gives_every_layer_the_gradient(layers, grad_out):
    grad_x = grad_out
    for layer in reversed(layers):
        grad_x = layer.backward(grad_out)
    return grad_x


@mistake(
    "backward_cnn",
    name="calls the layers and drops what they return",
    hints=(
        "Whose gradient does each layer need? Where does the result of layer.backward go?",
        "[Dense(1, 1)] with weight 3, gradient 1: the result is 3; yours is 1, the gradient that "
        "you began with.",
        "What a layer sends back is the grad_out of the layer before it.",
    ),
)
def drops_what_layers_send_back(layers, grad_out):
    for layer in reversed(layers):
        layer.backward(grad_out)
    return grad_out.copy()


@mistake(
    "backward_cnn",
    name="returns inside the loop, behind the last layer",
    hints=(
        "How far is your return indented? How often does the loop run?",
        "[Dense(1, 1), Dense(1, 1)] with weights 2 and 3, gradient 1: the result is 6; yours is "
        "3, and the first layer has no gradients.",
        "Every layer is called exactly once.",
    ),
)
def stops_behind_the_last_layer(layers, grad_out):
    for layer in reversed(layers):
        return layer.backward(grad_out)
    return grad_out


@mistake(
    "backward_cnn",
    name="leaves the first layer out",
    hints=(
        "Which layers does your loop reach? The first one has weights, too.",
        "[Dense(1, 1), Dense(1, 1)] with weights 2 and 3, gradient 1: the result is 6; yours is "
        "3, and the first layer has no gradients.",
        "Every layer is called exactly once.",
    ),
)
def leaves_out_the_first_layer(layers, grad_out):
    for layer in reversed(layers[1:]):
        grad_out = layer.backward(grad_out)
    return grad_out


@mistake(
    "backward_cnn",
    name="calls only the layers that have parameters",
    hints=(
        "What does a ReLU do to a gradient that passes through it?",
        "[ReLU()] after a forward of -1: a gradient of 5 must become 0; yours stays 5.",
        "Every layer is called exactly once.",
    ),
)
def calls_layers_with_parameters_alone(layers, grad_out):
    for layer in reversed(layers):
        if hasattr(layer, "get_params"):
            grad_out = layer.backward(grad_out)
    return grad_out


@mistake(
    "backward_cnn",
    name="changes the list of layers",
    hints=(
        "Print the list before and after the call. What do layers.reverse() and layers.pop() do "
        "to it?",
        "After backward_cnn([a, b], grad_out) the list must still be [a, b]; from [b, a] the "
        "next forward goes the wrong way.",
        "An argument is never modified.",
    ),
)
def turns_the_list_round(layers, grad_out):
    layers.reverse()
    for layer in layers:
        grad_out = layer.backward(grad_out)
    return grad_out


@mistake(
    "backward_cnn",
    name="starts from ones instead of from grad_out",
    hints=(
        "Which argument have you not used yet?",
        "[Dense(1, 1)] with weight 3, gradient 5: the result is 15; yours is 3.",
        "Twice the grad_out, twice every gradient.",
    ),
)
def starts_from_ones(layers, grad_out):
    return backward_cnn(layers, np.ones_like(grad_out))


@mistake(
    "backward_cnn",
    name="returns nothing",
    hints=(
        "What stands in the last line of your function?",
        "[Dense(1, 1)] with weight 3, gradient 1: the result is 3; yours is None.",
        "A function hands back what stands after `return`.",
    ),
)
def back_without_return(layers, grad_out):
    backward_cnn(layers, grad_out)


# --- sgd_step -----------------------------------------------------------------------------
def _move(layers, change):
    """Give each layer with parameters change(W, b, grad_W, grad_b)."""
    for layer in layers:
        if hasattr(layer, "get_params"):
            layer.set_params(*change(*layer.get_params(), *layer.get_gradients()))


@mistake(
    "sgd_step",
    name="clips the gradient",
    hints=(
        "How far does W go if the gradient is 4096?",
        "W = 2, grad_W = 4096, lr = 0.5: W must become -2046; yours stops on the way.",
        "A step is lr times the gradient, however large that is.",
    ),
)
def clips_the_gradient(layers, lr):
    def clipped(W, b, grad_W, grad_b):
        return W - lr * np.clip(grad_W, -100, 100), b - lr * np.clip(grad_b, -100, 100)

    _move(layers, clipped)


@mistake(
    "sgd_step",
    name="goes uphill: it adds the gradient",
    hints=(
        "In which direction does the gradient point: to a larger or to a smaller loss?",
        "W = 5, grad_W = 2, lr = 0.5: W must become 4; yours becomes 6.",
        "A small step makes the loss smaller.",
    ),
)
def goes_uphill(layers, lr):
    _move(layers, lambda W, b, grad_W, grad_b: (W + lr * grad_W, b + lr * grad_b))


@mistake(
    "sgd_step",
    name="gives a new array an old name, and the layer never hears of it",
    hints=(
        "Print layer.W before and after the call. Who tells the layer about the new array?",
        "W = 5, grad_W = 2, lr = 0.5: layer.W must become 4; yours is still 5.",
        "After the step layer.get_params() returns the new values.",
    ),
)
def renames_an_array(layers, lr):
    for layer in layers:
        if hasattr(layer, "get_params"):
            W, b = layer.get_params()
            grad_W, grad_b = layer.get_gradients()
            W = W - lr * grad_W
            b = b - lr * grad_b


@mistake(
    "sgd_step",
    name="leaves the biases as they are",
    hints=(
        "How many parameters does a layer have? Print b before and after the call.",
        "b = 1, grad_b = 1, lr = 0.5: b must become 0.5; yours is still 1.",
        "Each parameter of each layer moves.",
    ),
)
def leaves_the_biases(layers, lr):
    _move(layers, lambda W, b, grad_W, grad_b: (W - lr * grad_W, b))


@mistake(
    "sgd_step",
    name="changes the gradients instead of the parameters",
    hints=(
        "What stands on the left of your assignments: the parameter or its gradient?",
        "W = 5, grad_W = 2, lr = 0.5: W must become 4; yours is still 5, and grad_W is 4.",
        "A step changes the parameters; the gradients stay what they were.",
    ),
)
def changes_the_gradients(layers, lr):
    for layer in layers:
        if hasattr(layer, "get_params"):
            layer.grad_W = layer.W - lr * layer.grad_W
            layer.grad_b = layer.b - lr * layer.grad_b


@mistake(
    "sgd_step",
    name="subtracts the gradient of b from itself: b becomes the gradient's leftover",
    hints=(
        "Read your line for b aloud. Which of its names are gradients?",
        "b = 1, grad_b = 2, lr = 0.5: b must become 0; yours becomes 1.5, which is "
        "grad_b - lr * b.",
        "Each parameter p becomes p minus lr times its own gradient.",
    ),
)
def mixes_up_b_and_its_gradient(layers, lr):
    _move(layers, lambda W, b, grad_W, grad_b: (W - lr * grad_W, grad_b - lr * b))


@mistake(
    "sgd_step",
    name="never uses `lr`",
    hints=(
        "Which argument have you not used yet?",
        "W = 5, grad_W = 2, lr = 0.5: W must become 4; yours becomes 3.",
        "Half the lr, half the step; lr = 0, no step at all.",
    ),
)
def ignores_the_learning_rate(layers, lr):
    _move(layers, lambda W, b, grad_W, grad_b: (W - grad_W, b - grad_b))


@mistake(
    "sgd_step",
    name="uses a learning rate of 0.01, whatever it is given",
    hints=(
        "Which argument have you not used yet?",
        "W = 5, grad_W = 2, lr = 0.5: W must become 4; yours becomes 4.98.",
        "Half the lr, half the step; lr = 0, no step at all.",
    ),
)
def uses_a_rate_of_its_own(layers, lr):
    sgd_step(layers, 0.01)


@mistake(
    "sgd_step",
    name="takes a learning rate of 0 for none at all",
    hints=(
        "What does `lr or 0.01` give for an lr of 0?",
        "W = 5, grad_W = 2, lr = 0: W must stay 5; yours becomes 4.98.",
        "Half the lr, half the step; lr = 0, no step at all.",
    ),
)
def takes_no_rate_for_none(layers, lr):
    sgd_step(layers, lr or 0.01)


@mistake(
    "sgd_step",
    name="sets the parameters to the step instead of moving them by it",
    hints=(
        "What is W after the call, if its gradient is 0?",
        "W = 5, grad_W = 2, lr = 0.5: W must become 4; yours becomes -1.",
        "Where the gradient is 0, a parameter stays where it is.",
    ),
)
def forgets_where_it_was(layers, lr):
    _move(layers, lambda W, b, grad_W, grad_b: (-lr * grad_W, -lr * grad_b))


@mistake(
    "sgd_step",
    name="moves the last layer only",
    hints=(
        "Which layers does your loop reach?",
        "Two dense layers with W = 5, grad_W = 2, lr = 0.5: both W must become 4; yours are 5 "
        "and 4.",
        "Each parameter of each layer moves.",
    ),
)
def moves_the_last_layer(layers, lr):
    sgd_step([layer for layer in layers if hasattr(layer, "get_params")][-1:], lr)


@mistake(
    "sgd_step",
    name="moves the first layer with parameters only",
    hints=(
        "Does anything in your loop end it: a return, a break?",
        "Two dense layers with W = 5, grad_W = 2, lr = 0.5: both W must become 4; yours are 4 "
        "and 5.",
        "Each parameter of each layer moves.",
    ),
)
def moves_the_first_layer(layers, lr):
    sgd_step([layer for layer in layers if hasattr(layer, "get_params")][:1], lr)


@mistake(
    "sgd_step",
    name="moves dense layers only, and no convolution",
    hints=(
        "How do you recognise a layer that has parameters? Which kinds of layers have some?",
        "A Conv2D with b = 1, grad_b = 2, lr = 0.5: b must become 0; yours is still 1.",
        "Each parameter of each layer moves.",
    ),
)
def moves_dense_layers_alone(layers, lr):
    sgd_step([layer for layer in layers if type(layer).__name__ == "Dense"], lr)


@mistake(
    "sgd_step",
    name="asks every layer for parameters, though some have none",
    hints=(
        "Python says which object has no such method. Which layers have parameters?",
        "[Dense(1, 1), ReLU()]: the step must pass over the ReLU; yours ends in an "
        "AttributeError.",
        "A layer without parameters is left alone.",
    ),
)
def asks_every_layer(layers, lr):
    for layer in layers:
        W, b = layer.get_params()
        grad_W, grad_b = layer.get_gradients()
        layer.set_params(W - lr * grad_W, b - lr * grad_b)


# --- train --------------------------------------------------------------------------------
def _draw(rng, N, epoch):
    """Return the order of the images and of the labels."""
    order = rng.permutation(N)
    return order, order


def _cut(order, batch_size):
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def _learn(layers, x, labels, lr):
    """Learn one batch; return its loss and the number of images that were right."""
    logits = forward_cnn(layers, x)
    loss, grad_logits = softmax_cross_entropy(logits, labels)
    backward_cnn(layers, grad_logits)
    sgd_step(layers, lr)
    return loss, int((logits.argmax(axis=1) == labels).sum())


def _sum_up(epoch, sizes, losses, hits):
    """Return an epoch's entry in the history."""
    loss = sum(size * loss for size, loss in zip(sizes, losses, strict=True)) / sum(sizes)
    return {"epoch": epoch, "loss": loss, "accuracy": sum(hits) / sum(sizes)}


def _train(
    layers,
    x,
    labels,
    *,
    epochs,
    batch_size,
    lr,
    rng,
    on_batch=None,
    draw=_draw,
    cut=_cut,
    learn=_learn,
    sum_up=_sum_up,
):
    """Train as is right, except for what the caller does otherwise."""
    N = len(x)
    if labels.shape != (N,):
        raise ValueError(f"{N} images need labels of shape ({N},), not {labels.shape}")
    if epochs < 1 or batch_size < 1:
        raise ValueError(f"epochs ({epochs}) and batch_size ({batch_size}) must be at least 1")
    step, history = 0, []
    steps = epochs * len(cut(np.arange(N), batch_size))
    for epoch in range(1, epochs + 1):
        sizes, losses, hits = [], [], []
        image_order, label_order = draw(rng, N, epoch)
        pairs = zip(cut(image_order, batch_size), cut(label_order, batch_size), strict=True)
        for images, answers in pairs:
            loss, right = learn(layers, x[images], labels[answers], lr)
            step += 1
            sizes.append(len(images))
            losses.append(loss)
            hits.append(right)
            if on_batch is not None:
                on_batch(step, steps, loss)
        history.append(sum_up(epoch, sizes, losses, hits))
    return history


# --- train: the order of the images -------------------------------------------------------
@mistake(
    "train",
    name="shuffles the images, but not their labels",
    hints=(
        "Which index picks a batch of images, and which one its labels?",
        "Images a b c with labels 0 1 2 in the order c a b have the labels 2 0 1; yours get "
        "0 1 2.",
        "Every image keeps its own label.",
    ),
)
def leaves_labels_behind(layers, x, labels, **settings):
    def draw(rng, N, epoch):
        return rng.permutation(N), np.arange(N)

    return _train(layers, x, labels, **settings, draw=draw)


@mistake(
    "train",
    name="shuffles the labels, but not the images",
    hints=(
        "Which index picks a batch of images, and which one its labels?",
        "Images a b c with labels 0 1 2: while the labels come as 2 0 1, the images must come as "
        "c a b; yours come as a b c.",
        "Every image keeps its own label.",
    ),
)
def leaves_images_behind(layers, x, labels, **settings):
    def draw(rng, N, epoch):
        return np.arange(N), rng.permutation(N)

    return _train(layers, x, labels, **settings, draw=draw)


@mistake(
    "train",
    name="shuffles images and labels one after the other, each in its own way",
    hints=(
        "How often do you ask the generator for an order in one epoch?",
        "Images a b c with labels 0 1 2 in the order c a b have the labels 2 0 1; yours get "
        "an order of their own, 1 2 0 for example.",
        "Every image keeps its own label.",
    ),
)
def shuffles_labels_apart(layers, x, labels, **settings):
    def draw(rng, N, epoch):
        return rng.permutation(N), rng.permutation(N)

    return _train(layers, x, labels, **settings, draw=draw)


@mistake(
    "train",
    name="never shuffles",
    hints=(
        "Which argument have you not used yet?",
        "Four images a b c d must come in an order drawn from rng; yours come as a b c d in "
        "every epoch.",
        "Every epoch has an order of its own.",
    ),
)
def never_shuffles(layers, x, labels, **settings):
    return _train(layers, x, labels, **settings, draw=lambda rng, N, epoch: 2 * (np.arange(N),))


@mistake(
    "train",
    name="shuffles once, before the first epoch",
    hints=(
        "Does the line that draws the order stand inside the loop over the epochs?",
        "If the first epoch's order is c a d b, the second needs a new one; yours is c a d b "
        "again.",
        "Every epoch has an order of its own.",
    ),
)
def shuffles_once(layers, x, labels, **settings):
    orders = []

    def draw(rng, N, epoch):
        orders.append(orders[0] if orders else rng.permutation(N))
        return orders[0], orders[0]

    return _train(layers, x, labels, **settings, draw=draw)


@mistake(
    "train",
    name="shuffles from the second epoch on, but not the first",
    hints=(
        "Where in the loop over the epochs do you draw the order: before or after the batches?",
        "The first epoch over a b c d needs a drawn order; yours is a b c d.",
        "Every epoch has an order of its own, the first one too.",
    ),
)
def shuffles_too_late(layers, x, labels, **settings):
    def draw(rng, N, epoch):
        return 2 * (np.arange(N) if epoch == 1 else rng.permutation(N),)

    return _train(layers, x, labels, **settings, draw=draw)


@mistake(
    "train",
    name="shuffles its batches, but not the images in them",
    hints=(
        "Which images share a batch in the first epoch, and which in the second?",
        "Images 0 1 2 3 in batches of two: an epoch may have 2 0 and 1 3; yours always have 0 1 "
        "and 2 3, in one order or the other.",
        "All images are shuffled first, and then cut into batches.",
    ),
)
def shuffles_batches_alone(layers, x, labels, *, batch_size, **settings):
    def draw(rng, N, epoch):
        full = rng.permutation(N // batch_size)  # a smaller batch stays the last one
        order = [n for batch in full for n in range(N)[batch * batch_size :][:batch_size]]
        order = np.array(order + list(range(len(order), N)))
        return order, order

    return _train(layers, x, labels, **settings, batch_size=batch_size, draw=draw)


@mistake(
    "train",
    name="shuffles with another generator, not with `rng`",
    hints=(
        "Where does your order come from? Only what is drawn from `rng` depends on its seed.",
        "Two runs with rng = default_rng(5) must have the same losses; yours differ.",
        "The same seed gives the same batches.",
    ),
)
def shuffles_without_rng(layers, x, labels, **settings):
    def draw(rng, N, epoch):
        return 2 * (np.random.permutation(N),)

    return _train(layers, x, labels, **settings, draw=draw)


@mistake(
    "train",
    name="seeds a generator of its own for every epoch",
    hints=(
        "What does a generator draw right after it has been seeded? And in the next epoch?",
        "If the first epoch's order is c a d b, the second needs a new one; yours is the same, "
        "and it is the same for every rng.",
        "Every random number comes from `rng`.",
    ),
)
def seeds_every_epoch(layers, x, labels, **settings):
    def draw(rng, N, epoch):
        return 2 * (np.random.default_rng(0).permutation(N),)

    return _train(layers, x, labels, **settings, draw=draw)


@mistake(
    "train",
    name="draws images with replacement",
    hints=(
        "Can an image come twice in one of your epochs, and another one never?",
        "The indices of four images are 0 1 2 3 in some order; yours may be 2 0 2 3.",
        "Every epoch uses every image exactly once.",
    ),
)
def draws_with_replacement(layers, x, labels, **settings):
    def draw(rng, N, epoch):
        return 2 * (rng.integers(0, N, size=N),)

    return _train(layers, x, labels, **settings, draw=draw)


@mistake(
    "train",
    name="writes into x or labels",
    hints=(
        "Compare x and labels before and after the call. What do rng.shuffle(x), x -= 1 and "
        "x[:] = 0 do to x?",
        "After train the images a b c must still be a b c, and stand in this order.",
        "Of all arguments only the layers change.",
    ),
)
def shuffles_in_place(layers, x, labels, **settings):
    def draw(rng, N, epoch):
        order = rng.permutation(N)
        x[:], labels[:] = x[order], labels[order]
        return np.arange(N), np.arange(N)

    return _train(layers, x, labels, **settings, draw=draw)


# --- train: the batches -------------------------------------------------------------------
@mistake(
    "train",
    name="drops the last, smaller batch",
    hints=(
        "How many batches of 3 are there in 7 images?",
        "7 images in batches of 3 make batches of 3, 3 and 1; yours are 3 and 3.",
        "Every epoch uses every image exactly once.",
    ),
)
def drops_the_last_batch(layers, x, labels, **settings):
    def cut(order, batch_size):
        return [batch for batch in _cut(order, batch_size) if len(batch) == batch_size]

    def sum_up(epoch, sizes, losses, hits):
        done = sum(sizes) or len(x)
        loss = sum(size * loss for size, loss in zip(sizes, losses, strict=True)) / done
        return {"epoch": epoch, "loss": loss, "accuracy": sum(hits) / done}

    return _train(layers, x, labels, **settings, cut=cut, sum_up=sum_up)


@mistake(
    "train",
    name="stops one batch early, even if the last one is full",
    hints=(
        "What does range(0, N - batch_size, batch_size) end with, for N = 6 and batches of 3?",
        "6 images in batches of 1 make 6 batches; yours are 5.",
        "Every epoch uses every image exactly once.",
    ),
)
def stops_one_batch_early(layers, x, labels, **settings):
    def cut(order, batch_size):
        starts = range(0, len(order) - batch_size, batch_size)
        return [order[start : start + batch_size] for start in starts]

    def sum_up(epoch, sizes, losses, hits):
        done = sum(sizes) or len(x)
        loss = sum(size * loss for size, loss in zip(sizes, losses, strict=True)) / done
        return {"epoch": epoch, "loss": loss, "accuracy": sum(hits) / done}

    return _train(layers, x, labels, **settings, cut=cut, sum_up=sum_up)


@mistake(
    "train",
    name="learns only the first batch of each epoch",
    hints=(
        "How many steps does one of your epochs have? Is there a return or a break too many?",
        "7 images in batches of 3 make 3 steps; yours is 1.",
        "Every epoch uses every image exactly once.",
    ),
)
def learns_the_first_batch(layers, x, labels, **settings):
    return _train(layers, x, labels, **settings, cut=lambda order, size: _cut(order, size)[:1])


@mistake(
    "train",
    name="never uses `batch_size`: an epoch is one step",
    hints=(
        "Which argument have you not used yet?",
        "7 images in batches of 3 make 3 steps; yours is 1, with all 7 images.",
        "A step learns from at most batch_size images.",
    ),
)
def learns_all_at_once(layers, x, labels, **settings):
    return _train(layers, x, labels, **settings, cut=lambda order, size: [order])


@mistake(
    "train",
    name="learns every image by itself, whatever batch_size is",
    hints=(
        "How many images go through the network at once?",
        "7 images in batches of 3 make 3 steps; yours are 7.",
        "Every batch but the last has batch_size images.",
    ),
)
def learns_one_by_one(layers, x, labels, **settings):
    return _train(layers, x, labels, **settings, cut=lambda order, size: _cut(order, 1))


@mistake(
    "train",
    name="lets batches overlap by one image",
    hints=(
        "Where does a slice end that begins at `start` and holds batch_size images?",
        "7 images in batches of 3 make batches of 3, 3 and 1; yours are 4, 4 and 1.",
        "Every epoch uses every image exactly once.",
    ),
)
def lets_batches_overlap(layers, x, labels, **settings):
    def cut(order, batch_size):
        starts = range(0, len(order), batch_size)
        return [order[start : start + batch_size + 1] for start in starts]

    return _train(layers, x, labels, **settings, cut=cut)


@mistake(
    "train",
    name="has one epoch, whatever `epochs` is",
    hints=(
        "Is your return inside the loop over the epochs? How long is the history?",
        "epochs=3 must give a history of 3 entries; yours has 1.",
        "Every image is used `epochs` times.",
    ),
)
def stops_after_one_epoch(layers, x, labels, *, epochs, **settings):
    if epochs < 1:
        raise ValueError(f"epochs ({epochs}) must be at least 1")
    return _train(layers, x, labels, epochs=1, **settings)


# --- train: a step ------------------------------------------------------------------------
@mistake(
    "train",
    name="never takes a step: the layers do not change",
    hints=(
        "Which function moves the parameters, and where do you call it?",
        "After one epoch at lr=0.5 the logits of an image must have changed; yours are the same.",
        "A batch: forward, loss, backward, step.",
    ),
)
def never_takes_a_step(layers, x, labels, **settings):
    def learn(layers, x, labels, lr):
        return _learn(layers, x, labels, 0.0)

    return _train(layers, x, labels, **settings, learn=learn)


@mistake(
    "train",
    name="takes one step at the end of each epoch",
    hints=(
        "How far is your call of sgd_step indented? How often is it made in an epoch?",
        "4 images in batches of 2 make 2 steps an epoch; yours is 1, with the gradients of the "
        "last batch.",
        "A batch: forward, loss, backward, step.",
    ),
)
def steps_once_an_epoch(layers, x, labels, **settings):
    lr = settings["lr"]

    def learn(layers, x, labels, lr):
        return _learn(layers, x, labels, 0.0)

    def sum_up(*entry):
        sgd_step(layers, lr)
        return _sum_up(*entry)

    return _train(layers, x, labels, **settings, learn=learn, sum_up=sum_up)


@mistake(
    "train",
    name="takes the step before the gradients are there",
    hints=(
        "Which gradients does your step use: those of this batch, or those of the one before?",
        "In the very first batch a layer's grad_W is None until backward; your step needs it "
        "earlier, and ends in a TypeError.",
        "A batch: forward, loss, backward, step.",
    ),
)
def steps_before_backward(layers, x, labels, **settings):
    def learn(layers, x, labels, lr):
        logits = forward_cnn(layers, x)
        loss, grad_logits = softmax_cross_entropy(logits, labels)
        sgd_step(layers, lr)
        backward_cnn(layers, grad_logits)
        return loss, int((logits.argmax(axis=1) == labels).sum())

    return _train(layers, x, labels, **settings, learn=learn)


@mistake(
    "train",
    name="sends the loss back instead of its gradient",
    hints=(
        "softmax_cross_entropy returns two things. Which of them does a layer take?",
        "For two images and three classes backward_cnn must get an array of 2x3; yours gets one "
        "number.",
        "The gradient has the shape of the logits.",
    ),
)
def sends_the_loss_back(layers, x, labels, **settings):
    def learn(layers, x, labels, lr):
        logits = forward_cnn(layers, x)
        loss, _ = softmax_cross_entropy(logits, labels)
        backward_cnn(layers, loss)
        sgd_step(layers, lr)
        return loss, int((logits.argmax(axis=1) == labels).sum())

    return _train(layers, x, labels, **settings, learn=learn)


def _learn_scaled(by):
    """Make a `learn` whose gradient is multiplied by by(N)."""

    def learn(layers, x, labels, lr):
        logits = forward_cnn(layers, x)
        loss, grad_logits = softmax_cross_entropy(logits, labels)
        backward_cnn(layers, grad_logits * by(len(x)))
        sgd_step(layers, lr)
        return loss, int((logits.argmax(axis=1) == labels).sum())

    return learn


@mistake(
    "train",
    name="divides the gradient by the size of the batch, as the loss has done already",
    hints=(
        "How many of your functions divide by N?",
        "A batch of 4 whose gradients add up to 8 has a mean of 2; yours becomes 0.5.",
        "The division by N happens once, in the loss.",
    ),
)
def divides_once_more(layers, x, labels, **settings):
    return _train(layers, x, labels, **settings, learn=_learn_scaled(lambda N: 1 / N))


@mistake(
    "train",
    name="multiplies the gradient by the size of the batch",
    hints=(
        "How many of your functions divide by N, and does one of them undo it?",
        "A batch of 4 whose gradients add up to 8 has a mean of 2; yours becomes 8.",
        "The division by N happens once, in the loss, and is never undone.",
    ),
)
def undoes_the_mean(layers, x, labels, **settings):
    return _train(layers, x, labels, **settings, learn=_learn_scaled(lambda N: N))


def _at_rate(change):
    """Make a `learn` with another learning rate."""

    def learn(layers, x, labels, lr):
        return _learn(layers, x, labels, change(lr))

    return learn


@mistake(
    "train",
    name="never uses `lr`",
    hints=(
        "Which argument have you not used yet?",
        "At lr=0 nothing may change; with yours the network learns all the same.",
        "Every step goes lr times the gradient.",
    ),
)
def trains_at_its_own_rate(layers, x, labels, **settings):
    return _train(layers, x, labels, **settings, learn=_at_rate(lambda lr: 0.01))


@mistake(
    "train",
    name="makes the learning rate ten times larger",
    hints=(
        "What do you hand to sgd_step?",
        "At lr=0.5 a gradient of 2 moves a weight by 1; yours moves it by 10.",
        "Every step goes lr times the gradient.",
    ),
)
def trains_ten_times_faster(layers, x, labels, **settings):
    return _train(layers, x, labels, **settings, learn=_at_rate(lambda lr: 10 * lr))


@mistake(
    "train",
    name="makes the learning rate smaller from epoch to epoch",
    hints=(
        "Which epochs go right? What is different about the later ones?",
        "At lr=0.5 a gradient of 2 moves a weight by 1 in every epoch; yours moves it by 0.5 in "
        "the second.",
        "Every step goes lr times the gradient, in every epoch.",
    ),
)
def slows_down(layers, x, labels, *, lr, **settings):
    rates = []

    def draw(rng, N, epoch):
        rates.append(lr / epoch)
        return _draw(rng, N, epoch)

    learn = _at_rate(lambda _: rates[-1])
    return _train(layers, x, labels, lr=lr, **settings, draw=draw, learn=learn)


@mistake(
    "train",
    name="divides the pixels by 255 on the way",
    hints=(
        "What does your code do to x before the first layer sees it?",
        "A pixel of 0.5 must enter the network as 0.5; yours enters as 0.002.",
        "x holds images as the first layer takes them.",
    ),
)
def divides_pixels(layers, x, labels, **settings):
    return _train(layers, x / 255, labels, **settings)


@mistake(
    "train",
    name="trains a copy of the layers",
    hints=(
        "Which layers have changed after the call: those of the caller, or others?",
        "After train, forward_cnn(layers, x) must give other logits than before; yours gives "
        "the same.",
        "The layers are changed in place.",
    ),
)
def trains_a_copy(layers, x, labels, **settings):
    return _train(copy.deepcopy(layers), x, labels, **settings)


# --- train: what it tells -----------------------------------------------------------------
@mistake(
    "train",
    name="has the loss of the last batch in its history",
    hints=(
        "Which batches does the loss of an epoch speak of?",
        "Batches of 2 and 2 images with the losses 3 and 1 have a mean of 2; yours is 1.",
        "The loss of an epoch is the mean over all its images.",
    ),
)
def tells_the_last_loss(layers, x, labels, **settings):
    def sum_up(epoch, sizes, losses, hits):
        return _sum_up(epoch, sizes, losses, hits) | {"loss": losses[-1]}

    return _train(layers, x, labels, **settings, sum_up=sum_up)


@mistake(
    "train",
    name="takes the mean of the batches' losses, though the last batch may be smaller",
    hints=(
        "Does an image of the last batch count as much as the others?",
        "Batches of 3 and 1 images with the losses 2 and 6: the mean over the images is 3; "
        "yours is 4.",
        "Every image counts the same, whatever its batch.",
    ),
)
def averages_over_batches(layers, x, labels, **settings):
    def sum_up(epoch, sizes, losses, hits):
        return _sum_up(epoch, sizes, losses, hits) | {"loss": sum(losses) / len(losses)}

    return _train(layers, x, labels, **settings, sum_up=sum_up)


@mistake(
    "train",
    name="adds the losses up and does not divide",
    hints=(
        "What makes a mean out of a sum?",
        "Batches of 2 and 2 images with the losses 3 and 1 have a mean of 2; yours is 8, the "
        "sum over the images.",
        "The loss of an epoch is the mean over all its images.",
    ),
)
def tells_the_sum_of_losses(layers, x, labels, **settings):
    def sum_up(epoch, sizes, losses, hits):
        entry = _sum_up(epoch, sizes, losses, hits)
        return entry | {"loss": entry["loss"] * sum(sizes)}

    return _train(layers, x, labels, **settings, sum_up=sum_up)


@mistake(
    "train",
    name="keeps adding to the loss and the hits of the epochs before",
    hints=(
        "Where do your sums start from 0: before the first epoch, or in every epoch?",
        "Epochs with the losses 2 and 1: the history has 2 and 1; yours has 2 and 3.",
        "Every entry speaks of its own epoch.",
    ),
)
def never_starts_its_sums_anew(layers, x, labels, **settings):
    totals = {"loss": 0.0, "accuracy": 0.0}

    def sum_up(epoch, sizes, losses, hits):
        entry = _sum_up(epoch, sizes, losses, hits)
        for key in totals:
            totals[key] += entry[key]
        return entry | totals

    return _train(layers, x, labels, **settings, sum_up=sum_up)


@mistake(
    "train",
    name="has the number of right images as its accuracy",
    hints=(
        "Between which two numbers does an accuracy lie?",
        "3 of 4 images right: the accuracy is 0.75; yours is 3.",
        "An accuracy is a part of all images, from 0 to 1.",
    ),
)
def counts_hits_alone(layers, x, labels, **settings):
    def sum_up(epoch, sizes, losses, hits):
        return _sum_up(epoch, sizes, losses, hits) | {"accuracy": sum(hits)}

    return _train(layers, x, labels, **settings, sum_up=sum_up)


@mistake(
    "train",
    name="has its accuracy in per cent",
    hints=(
        "Between which two numbers does an accuracy lie?",
        "3 of 4 images right: the accuracy is 0.75; yours is 75.",
        "An accuracy is a part of all images, from 0 to 1.",
    ),
)
def tells_per_cent(layers, x, labels, **settings):
    def sum_up(epoch, sizes, losses, hits):
        return _sum_up(epoch, sizes, losses, hits) | {"accuracy": 100 * sum(hits) / sum(sizes)}

    return _train(layers, x, labels, **settings, sum_up=sum_up)


@mistake(
    "train",
    name="has the accuracy of the last batch in its history",
    hints=(
        "Which batches does the accuracy of an epoch speak of?",
        "Batches of 2 and 2 images, 2 and 1 of them right: the accuracy is 0.75; yours is 0.5.",
        "The accuracy of an epoch is the part of all its images that were right.",
    ),
)
def tells_the_last_accuracy(layers, x, labels, **settings):
    def sum_up(epoch, sizes, losses, hits):
        return _sum_up(epoch, sizes, losses, hits) | {"accuracy": hits[-1] / sizes[-1]}

    return _train(layers, x, labels, **settings, sum_up=sum_up)


@mistake(
    "train",
    name="measures loss and accuracy after the epoch, when everything is learnt",
    hints=(
        "When does the docstring ask for the loss of a batch: before or after it is learnt from?",
        "One batch whose loss falls from 2 to 1 by the step: the history has 2; yours has 1.",
        "The history has each batch as it came out before it was learnt from.",
    ),
)
def measures_after_the_epoch(layers, x, labels, **settings):
    def sum_up(epoch, sizes, losses, hits):
        logits = forward_cnn(layers, x)
        loss, _ = softmax_cross_entropy(logits, labels)
        accuracy = float((logits.argmax(axis=1) == labels).mean())
        return {"epoch": epoch, "loss": loss, "accuracy": accuracy}

    return _train(layers, x, labels, **settings, sum_up=sum_up)


@mistake(
    "train",
    name="measures the loss of a batch after it has learnt from it",
    hints=(
        "When does the docstring ask for the loss of a batch: before or after it is learnt from?",
        "One batch whose loss falls from 2 to 1 by the step: the history has 2; yours has 1.",
        "The history has each batch as it came out before it was learnt from.",
    ),
)
def measures_after_the_step(layers, x, labels, **settings):
    def learn(layers, x, labels, lr):
        _, hits = _learn(layers, x, labels, lr)
        return softmax_cross_entropy(forward_cnn(layers, x), labels)[0], hits

    return _train(layers, x, labels, **settings, learn=learn)


@mistake(
    "train",
    name="counts epochs from 0",
    hints=(
        "What does range(epochs) begin with?",
        "epochs=2 must give entries for the epochs 1 and 2; yours are 0 and 1.",
        "Epochs count from 1.",
    ),
)
def counts_epochs_from_zero(layers, x, labels, **settings):
    def sum_up(epoch, sizes, losses, hits):
        return _sum_up(epoch - 1, sizes, losses, hits)

    return _train(layers, x, labels, **settings, sum_up=sum_up)


@mistake(
    "train",
    name="returns the losses alone, not a dictionary for each epoch",
    hints=(
        "Compare an entry of your history with the one in the docstring.",
        'One epoch with a loss of 0.7 must give [{"epoch": 1, "loss": 0.7, "accuracy": ...}]; '
        "yours gives [0.7].",
        "Every entry has three keys: epoch, loss and accuracy.",
    ),
)
def returns_losses_alone(layers, x, labels, **settings):
    return [entry["loss"] for entry in _train(layers, x, labels, **settings)]


@mistake(
    "train",
    name="has an entry for every batch in its history",
    hints=(
        "How long is your history after one epoch with three batches?",
        "7 images in batches of 3, one epoch: the history has 1 entry; yours has 3.",
        "There is one entry for each epoch.",
    ),
)
def returns_every_batch(layers, x, labels, **settings):
    history = []

    def sum_up(epoch, sizes, losses, hits):
        batches = zip(sizes, losses, hits, strict=True)
        history.extend(_sum_up(epoch, [s], [loss], [h]) for s, loss, h in batches)

    _train(layers, x, labels, **settings, sum_up=sum_up)
    return history


@mistake(
    "train",
    name="returns the entry of the last epoch alone",
    hints=(
        "What type does the docstring promise, and what do you return?",
        "epochs=3 must give a list of 3 entries; yours gives one dictionary.",
        "The history is a list, one entry for each epoch.",
    ),
)
def returns_the_last_epoch(layers, x, labels, **settings):
    return _train(layers, x, labels, **settings)[-1]


@mistake(
    "train",
    name="returns nothing",
    hints=(
        "What stands in the last line of your function?",
        "epochs=3 must give a list of 3 entries; yours gives None.",
        "A function hands back what stands after `return`; printing is not returning.",
    ),
)
def trains_without_return(layers, x, labels, **settings):
    _train(layers, x, labels, **settings)


def _telling(train, told):
    """Make a version of `train` that tells on_batch something else."""

    def wrong(layers, x, labels, *, epochs, batch_size, on_batch=None, **settings):
        steps = -(-len(x) // batch_size) if batch_size > 0 else 0

        def on(step, total, loss):
            if on_batch is not None:
                told(on_batch, step, total, loss, steps)

        settings |= {"epochs": epochs, "batch_size": batch_size, "on_batch": on}
        return train(layers, x, labels, **settings)

    return wrong


@mistake(
    "train",
    name="never calls on_batch",
    hints=(
        "Which argument have you not used yet?",
        "3 steps make 3 calls of on_batch; yours makes none.",
        "There is one call after each step.",
    ),
)
def never_calls_on_batch(layers, x, labels, *, on_batch=None, **settings):
    return _train(layers, x, labels, **settings)


@mistake(
    "train",
    name="has no parameter `on_batch`",
    hints=(
        "Compare your def line with the one that the stub came with.",
        "train(..., on_batch=print) must print a line for each step; yours ends in a TypeError.",
        "Names, order and defaults of the parameters are part of the task.",
    ),
)
def has_no_on_batch(layers, x, labels, *, epochs, batch_size, lr, rng):
    return _train(layers, x, labels, epochs=epochs, batch_size=batch_size, lr=lr, rng=rng)


@mistake(
    "train",
    name="starts counting steps anew in every epoch",
    hints=(
        "What is `step` in the second epoch, by the docstring?",
        "2 epochs with 3 batches each: the steps are 1 to 6 of 6; yours are 1 to 3 of 3, twice.",
        "step counts through all epochs, up to steps.",
    ),
)
def counts_steps_by_epoch(layers, x, labels, **settings):
    def told(on_batch, step, total, loss, steps):
        on_batch((step - 1) % steps + 1, steps, loss)

    return _telling(_train, told)(layers, x, labels, **settings)


@mistake(
    "train",
    name="counts steps from 0",
    hints=(
        "What does the docstring say step counts from?",
        "3 steps are 1 of 3, 2 of 3 and 3 of 3; yours are 0 of 3, 1 of 3 and 2 of 3.",
        "The last call has step equal to steps.",
    ),
)
def counts_steps_from_zero(layers, x, labels, **settings):
    def told(on_batch, step, total, loss, steps):
        on_batch(step - 1, total, loss)

    return _telling(_train, told)(layers, x, labels, **settings)


@mistake(
    "train",
    name="rounds the number of steps down",
    hints=(
        "How many batches of 3 are there in 7 images, the last one included?",
        "7 images in batches of 3, one epoch: steps is 3; yours is 2, and step 3 of 2 comes.",
        "The last call has step equal to steps.",
    ),
)
def rounds_steps_down(layers, x, labels, **settings):
    rounded = settings["epochs"] * (len(x) // max(settings["batch_size"], 1))

    def told(on_batch, step, total, loss, steps):
        on_batch(step, rounded, loss)

    return _telling(_train, told)(layers, x, labels, **settings)


@mistake(
    "train",
    name="tells on_batch the number of steps in one epoch, not in all",
    hints=(
        "What is `steps` if there are two epochs, by the docstring?",
        "2 epochs with 3 batches each: steps is 6; yours is 3.",
        "The last call has step equal to steps.",
    ),
)
def tells_steps_of_one_epoch(layers, x, labels, **settings):
    def told(on_batch, step, total, loss, steps):
        on_batch(step, steps, loss)

    return _telling(_train, told)(layers, x, labels, **settings)


@mistake(
    "train",
    name="calls on_batch once an epoch",
    hints=(
        "How far is your call of on_batch indented?",
        "2 epochs with 3 batches each make 6 calls; yours makes 2.",
        "There is one call after each step.",
    ),
)
def calls_on_batch_by_epoch(layers, x, labels, **settings):
    def told(on_batch, step, total, loss, steps):
        if step % steps == 0:
            on_batch(step, total, loss)

    return _telling(_train, told)(layers, x, labels, **settings)


@mistake(
    "train",
    name="calls on_batch without asking whether there is one",
    hints=(
        "What is on_batch if the caller gives none?",
        "train without on_batch must work; yours ends in a TypeError: None cannot be called.",
        "on_batch is optional.",
    ),
)
def calls_none(layers, x, labels, *, on_batch=None, **settings):
    def on(step, total, loss):
        on_batch(step, total, loss)

    return _train(layers, x, labels, **settings, on_batch=on)


# --- predict ------------------------------------------------------------------------------
@mistake(
    "predict",
    name="never uses `batch_size`: all images go through the network at once",
    hints=(
        "How many images does one call of forward_cnn get if there are 7 and batch_size is 3?",
        "7 images with batch_size=3 go through the network as 3, 3 and 1; yours as 7.",
        "No more than batch_size images go through at once, so that memory is enough for any "
        "number of them.",
    ),
)
def predicts_all_at_once(layers, x, batch_size=256):
    return predict(layers, x, len(x))


@mistake(
    "predict",
    name="sees the first batch only",
    hints=(
        "How many labels come back for 7 images with batch_size=3?",
        "7 images with batch_size=3 have 7 labels; yours are 3.",
        "There is one label for each image.",
    ),
)
def predicts_the_first_batch(layers, x, batch_size=256):
    return predict(layers, x[:batch_size])


@mistake(
    "predict",
    name="returns the labels of the last batch only",
    hints=(
        "Where do the labels of the earlier batches go?",
        "7 images with batch_size=3 have 7 labels; yours is 1.",
        "There is one label for each image.",
    ),
)
def predicts_the_last_batch(layers, x, batch_size=256):
    return predict(layers, x[(len(x) - 1) // batch_size * batch_size :])


@mistake(
    "predict",
    name="drops the last, smaller batch",
    hints=(
        "How many labels come back for 7 images with batch_size=3?",
        "7 images with batch_size=3 have 7 labels; yours are 6.",
        "There is one label for each image.",
    ),
)
def predicts_full_batches(layers, x, batch_size=256):
    full = len(x) // batch_size * batch_size
    return predict(layers, x[:full]) if full else np.zeros(0, dtype=int)


@mistake(
    "predict",
    name="returns the largest logit instead of its place",
    hints=(
        "What is the difference between max and argmax?",
        "The logits 2 7 4 must give the label 1; yours gives 7.",
        "A label is a class, a whole number from 0 on.",
    ),
)
def returns_the_largest_logit(layers, x, batch_size=256):
    return forward_cnn(layers, x).max(axis=1)


@mistake(
    "predict",
    name="looks for the largest logit of each class, not of each image",
    hints=(
        "Which axis of the logits counts classes?",
        "The logits 2 7 4 of one image must give 1; yours gives 0 0 0, an image for each class.",
        "There is one label for each image.",
    ),
)
def predicts_for_each_class(layers, x, batch_size=256):
    batches = [x[start : start + batch_size] for start in range(0, len(x), batch_size)]
    return np.concatenate([forward_cnn(layers, batch).argmax(axis=0) for batch in batches])


@mistake(
    "predict",
    name="looks for the largest logit of the whole batch",
    hints=(
        "What does argmax give without an axis?",
        "The logits 2 7 and 9 4 of two images must give 1 and 0; yours gives one number, 2.",
        "There is one label for each image.",
    ),
)
def predicts_for_the_whole_batch(layers, x, batch_size=256):
    batches = [x[start : start + batch_size] for start in range(0, len(x), batch_size)]
    return np.array([forward_cnn(layers, batch).argmax() for batch in batches])


@mistake(
    "predict",
    name="returns the logits",
    hints=(
        "What shape does the docstring promise?",
        "The logits 2 7 4 must give the label 1; yours gives 2 7 4.",
        "There is one label for each image.",
    ),
)
def returns_logits(layers, x, batch_size=256):
    return forward_cnn(layers, x)


@mistake(
    "predict",
    name="returns a list with an array for each batch",
    hints=(
        "What type does the docstring promise, and what do you return?",
        "Three images with batch_size=2 have the labels 1 0 2, one array; yours is a list of "
        "1 0 and 2.",
        "The result is one array of shape (N,).",
    ),
)
def returns_a_list_of_batches(layers, x, batch_size=256):
    return [
        predict(layers, x[start : start + batch_size]) for start in range(0, len(x), batch_size)
    ]


@mistake(
    "predict",
    name="counts classes from 1",
    hints=(
        "What is the label of the first class?",
        "The logits 2 7 4 must give the label 1; yours gives 2.",
        "Labels are 0 to K - 1.",
    ),
)
def counts_classes_from_one(layers, x, batch_size=256):
    return predict(layers, x, batch_size) + 1


@mistake(
    "predict",
    name="has no parameter `batch_size`",
    hints=(
        "Compare your def line with the one that the stub came with.",
        "predict(layers, x, batch_size=3) must work; yours ends in a TypeError.",
        "Names, order and defaults of the parameters are part of the task.",
    ),
)
def has_no_batch_size(layers, x):
    return predict(layers, x)


@mistake(
    "predict",
    name="returns nothing",
    hints=(
        "What stands in the last line of your function?",
        "The logits 2 7 4 must give the label 1; yours gives None.",
        "A function hands back what stands after `return`; printing is not returning.",
    ),
)
def predicts_without_return(layers, x, batch_size=256):
    predict(layers, x, batch_size)
