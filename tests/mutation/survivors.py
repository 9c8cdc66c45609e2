"""Mutants that live, and why nobody minds: each differs from the solution within the contract."""

REFUSAL = "refuses what the course's list of bad input does not name, or in another way"
WORDING = "says it in other words; the list promises both numbers only where checks ask for them"
INTEGERS = "the numbers are right; which type integers or mixed types give here is not promised"
BEFORE = "what a layer holds, or raises, before its first forward or backward is not promised"

# By stage, and by the key of the mutant.
KNOWN_SURVIVORS: dict[str, dict[str, str]] = {
    "padding": {
        (
            "get_output_shape: H, W = as_pair(input_shape, 'input_shape') -> H, W = input_shape"
        ): REFUSAL,
    },
    "conv": {
        "_require_filters: if not isinstance(b, np.ndarray): -> pass": REFUSAL,
        (
            "_require_filters: if not isinstance(b, np.ndarray): -> if not isinstance(W, "
            "np.ndarray):"
        ): REFUSAL,
        (
            "_require_filters: raise TypeError(f'b must be an array, not {type(b).__name__}')"
            " -> pass"
        ): REFUSAL,
        (
            "_require_filters: raise TypeError(f'b must be an array, not {type(b).__name__}')"
            " -> raise TypeError(f'b must be an array, not {b.__name__}')"
        ): WORDING,
        (
            "_require_filters: raise ValueError(f'b has shape {b.shape}, but W holds "
            "{W.shape[3]} filters') -> raise ValueError(f'b has shape {W.shape}, but W holds "
            "{W.shape[3]} filters')"
        ): WORDING,
        (
            "_require_filters: raise ValueError(f'b has shape {b.shape}, but W holds "
            "{W.shape[3]} filters') -> raise ValueError(f'b has shape {b.shape}, but W holds "
            "{W.shape[2]} filters')"
        ): WORDING,
        (
            "conv2d_naive: out = np.empty((N, OH, OW, C_out), dtype=np.result_type(padded, "
            "W)) -> out = np.empty((N, OH, OW, C_out), dtype=np.result_type(padded))"
        ): INTEGERS,
        "conv2d_backward: require_images(W, 'W') -> pass": REFUSAL,
        "conv2d_backward: require_images(W, 'W') -> W": REFUSAL,
        (
            "conv2d_backward: grad_rows = _as_floats(grad_out).reshape(-1, C_out) -> "
            "grad_rows = grad_out.reshape(-1, C_out)"
        ): INTEGERS,
        "Conv2D.__init__: self.grad_W = None -> pass": BEFORE,
        "Conv2D.__init__: self.grad_b = None -> pass": BEFORE,
        "Conv2D.set_params: self.W = _as_floats(W).copy() -> self.W = W.copy()": INTEGERS,
        "Conv2D.set_params: self.b = _as_floats(b).copy() -> self.b = b.copy()": INTEGERS,
    },
    "lenet": {
        "Dense.__init__: self.grad_W = None -> pass": BEFORE,
        "Dense.__init__: self.grad_b = None -> pass": BEFORE,
        (
            "softmax_cross_entropy: if not isinstance(labels, np.ndarray) or "
            "labels.dtype.kind not in 'iu': -> if labels.dtype.kind not in 'iu':"
        ): REFUSAL,
        (
            "softmax_cross_entropy: raise ValueError(f'labels must be 0 to {K - 1}, not "
            "{labels.min()} to {labels.max()}') -> raise ValueError(f'labels must be 0 to {K "
            "+ 1}, not {labels.min()} to {labels.max()}')"
        ): WORDING,
        (
            "softmax_cross_entropy: raise ValueError(f'labels must be 0 to {K - 1}, not "
            "{labels.min()} to {labels.max()}') -> raise ValueError(f'labels must be 0 to "
            "{K}, not {labels.min()} to {labels.max()}')"
        ): WORDING,
        (
            "softmax_cross_entropy: raise ValueError(f'labels must be 0 to {K - 1}, not "
            "{labels.min()} to {labels.max()}') -> raise ValueError(f'labels must be 0 to "
            "{1}, not {labels.min()} to {labels.max()}')"
        ): WORDING,
        (
            "softmax_cross_entropy: raise ValueError(f'labels must be 0 to {K - 1}, not "
            "{labels.min()} to {labels.max()}') -> raise ValueError(f'labels must be 0 to {N "
            "- 1}, not {labels.min()} to {labels.max()}')"
        ): WORDING,
        (
            "softmax_cross_entropy: raise ValueError(f'labels must be 0 to {K - 1}, not "
            "{labels.min()} to {labels.max()}') -> raise ValueError(f'labels must be 0 to {K "
            "- 2}, not {labels.min()} to {labels.max()}')"
        ): WORDING,
        (
            "softmax_cross_entropy: raise ValueError(f'labels must be 0 to {K - 1}, not "
            "{labels.min()} to {labels.max()}') -> raise ValueError(f'labels must be 0 to {K "
            "- 0}, not {labels.min()} to {labels.max()}')"
        ): WORDING,
        (
            "softmax_cross_entropy: raise ValueError(f'labels must be 0 to {K - 1}, not "
            "{labels.min()} to {labels.max()}') -> raise ValueError(f'labels must be 0 to {K "
            "- 1}, not {labels.max()} to {labels.max()}')"
        ): WORDING,
        (
            "softmax_cross_entropy: raise ValueError(f'labels must be 0 to {K - 1}, not "
            "{labels.min()} to {labels.max()}') -> raise ValueError(f'labels must be 0 to {K "
            "- 1}, not {labels.min()} to {labels.min()}')"
        ): WORDING,
    },
}
