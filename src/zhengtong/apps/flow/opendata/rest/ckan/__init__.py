"""CKAN's action API over the open datasets: catalogue and rows."""
