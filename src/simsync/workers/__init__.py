"""Workers: where tasks are done side by side, behind `concurrent.futures`: processes of this machine, or Dask."""
