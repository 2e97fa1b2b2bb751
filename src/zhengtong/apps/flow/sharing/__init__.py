"""Application 申请 → answer → grant 授权, on the clocks of 政务数据共享条例."""
