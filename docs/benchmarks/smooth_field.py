"""Writes the smooth field that docs/codecs/fast.md speaks of: smooth_field.py OUT.npy."""
import sys
import numpy as np
n=256
x=np.linspace(0,1,n,dtype=np.float64)
rng=np.random.default_rng(1)
f=np.zeros((n,n,n))
for _ in range(24):
    k=rng.normal(0,1,3); k=k/np.linalg.norm(k)*rng.uniform(2,40)
    a=1/np.linalg.norm(k)**1.2
    p=rng.uniform(0,6.28)
    f+=a*np.sin(k[0]*x[:,None,None]+k[1]*x[None,:,None]+k[2]*x[None,None,:]+p)
np.save(sys.argv[1],f.astype(np.float32))
