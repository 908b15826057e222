import RecoKit
