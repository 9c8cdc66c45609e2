from stages.t01_tiny.first.first import double


def quadruple(x):
    return double(double(x))


class Tally:
    def __init__(self, start=0):
        self.number = start

    def add(self, amount, on_change=None):
        self.number = self.number + amount
        if on_change is not None:
            on_change(self.number)
        return self.number

    def grow(self, x, steps):
        self.number = self.number + steps
        return x if steps == 0 else double(self.again(x, steps - 1))

    def again(self, x, steps):
        return x if steps == 0 else double(self.again(x, steps - 1))
