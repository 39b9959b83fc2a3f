//! DataJoint blobs: values to bytes and back, in the exact format of DataJoint for Python and MATLAB.
