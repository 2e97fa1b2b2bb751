"""The data plane: serves look-ups under signed grants. No Django; goes on while the control plane is down."""
