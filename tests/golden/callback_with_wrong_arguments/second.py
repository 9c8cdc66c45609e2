from stages.t01_tiny.first.first import double


def quadruple(x):
    return double(double(x))


class Tally:
    def __init__(self, start=0):
        self.count = start

    def add(self, amount, on_change=None):
        self.count = self.count + amount
        if on_change is not None:
            on_change(self.count, amount)
        return self.count

    def grow(self, x, steps):
        self.count = self.count + steps
        return x if steps == 0 else double(self.again(x, steps - 1))

    def again(self, x, steps):
        return x if steps == 0 else double(self.again(x, steps - 1))
