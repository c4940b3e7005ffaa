"""The public log of batches, changes of stamps and recall notices: none is changed unseen."""
