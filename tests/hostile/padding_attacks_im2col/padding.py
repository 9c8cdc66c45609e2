np.empty = lambda *_, **__: None
